/** One job works on no more dirspaces than this where each is one of a matrix. */
const MATRIX_MAX = 256;
const FILES_PER_PAGE = 100;

export type Cycle = "open" | "push" | "comment" | "apply" | "merge";

/**
 * The fewest calls that any GitHub App could make for a cycle, for `k` dirspaces and `f` changed files:
 *
 * | cycle | calls |
 * |---|---|
 * | open | 1 query (pull request, reviews, mergeability, configuration, the first 100 files), a page for each 100 files more, 1 tree, a job for each 256 dirspaces, 1 check created and 1 updated, 1 comment |
 * | push | the same, and the check that the commit before left open is ended |
 * | comment | 1 query for the command with its pull request, 1 for what the person may do, 1 reaction, 1 edit of the comment |
 * | apply | the query, the permission and the reaction of a comment; 1 query when it is permitted, a job for each 256, 1 check updated, 1 edit of the comment |
 * | merge (by a person) | 1 query for each of the two webhooks, the push and the closing; 1 tree of what the base is now, 1 edit of the comment |
 */
export function lowerBound(cycle: Cycle, k: number, f: number): number {
  const jobs = Math.ceil(k / MATRIX_MAX);
  const pages = Math.max(0, Math.ceil((f - FILES_PER_PAGE) / FILES_PER_PAGE));
  switch (cycle) {
    case "open":
      return 1 + pages + 1 + jobs + 2 + 1;
    case "push":
      return 1 + pages + 1 + jobs + 2 + 1 + 1;
    case "comment":
      return 1 + 1 + 1 + 1;
    case "apply":
      return 1 + 1 + 1 + (1 + jobs + 1 + 1);
    case "merge":
      return 2 + 1 + 1;
  }
}
