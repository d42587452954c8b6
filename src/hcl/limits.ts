/** A file that is longer is not read: its code is generated, and parsing costs its length. */
export const FILE_BYTES_MAX = 256 * 1024;
/** Of one repository. The rest is named as a problem. */
export const FILES_MAX = 100_000;
/** Brackets that are open at one time; the parser has no limit of its own but its stack. */
export const NESTING_MAX = 200;
/** A file that the parser works on for longer than this is hostile. */
export const PARSE_MS_MAX = 10_000;
/** What one file may refer to; more is left out and named as a problem. */
export const REFERENCES_MAX = 1_000;
/** Problems that are kept, and characters of each. */
export const PROBLEMS_MAX = 100;
export const PROBLEM_CHARACTERS_MAX = 300;
/** Included files of one unit, directly or not. */
export const INCLUDES_MAX = 50;
