/**
 * How many of each a list holds: open ones before others, newer ones before older ones. Whoever shows a list that is as
 * long as this says that there may be more.
 */
export const LISTED_MAX = { pullRequests: 300, runs: 200 } as const;
