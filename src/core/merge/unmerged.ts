import type { Instant } from "../../base/brand.ts";
import type { CommitSha } from "../ids.ts";

/** What the VCS is asked for. `auto`: whichever of the three the repository allows, a merge commit first. */
export interface MergeWish {
  readonly head: CommitSha;
  readonly method: "auto" | "merge" | "squash" | "rebase";
  /** The first line of the commit; undefined for the VCS's own. */
  readonly title?: string;
  /** The branch to delete afterwards, as long as it still is at the head. */
  readonly deletes?: string;
}

/** `forbidden`: we may not; `rejected`: nobody may, as things are. */
export type MergeRefusal = "forbidden" | "rejected";

/** A merge that was asked for and is not done. */
export type Unmerged = {
  readonly head: CommitSha;
  readonly at: Instant;
} & (
  | {
      /** It was refused, and is not asked for again before something has changed. */
      readonly why: MergeRefusal;
      readonly said: string;
    }
  | {
      /**
       * The queue of the branch has it. What the queue gives back is not put in again before somebody says so: it would be
       * given back again, and each time others wait for it.
       */
      readonly why: "queued";
    }
);

/** What of the pull request itself is in the way of a merge that the configuration wants. */
export type MergeHeld = "draft" | "conflict" | "nothing_applied" | "left_behind";
