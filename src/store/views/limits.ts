/** Bounds of every list that people are shown; the rest is reached from the pages of single things. */
export const REPOSITORIES_MAX = 500;
export const RUNS_OF_PULL_REQUEST_MAX = 50;
export const UNITS_MAX = 5_000;
export const LOCKS_MAX = 1_000;
export const DECISIONS_MAX = 100;
export const CHANGES_MAX = 1_000;
/** One answer holds at most this much output: 64 chunks of 64,000 characters would be 4 MB. */
export const OUTPUT_CHUNKS_MAX = 64;
export const IGNORED_MAX = 20;
export const SET_ASIDE_MAX = 50;
