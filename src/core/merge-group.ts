import type { CommitSha } from "./ids.ts";

/** Pull requests that a merge queue put together to be checked as they would be merged. */
export interface MergeGroup {
  /** The commit that the checks are of. */
  readonly head: CommitSha;
  /** What it is built on: where the base branch will be once the groups before it are merged. */
  readonly base: CommitSha;
  readonly baseRef: string;
  /** `merged`, `invalidated` and `dequeued` are the ends of a group; no check of it counts after that. */
  readonly state: "checks_wanted" | "merged" | "invalidated" | "dequeued";
}
