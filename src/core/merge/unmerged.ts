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

/** A merge that the VCS refused. It is not asked again before something has changed. */
export interface Unmerged {
  readonly head: CommitSha;
  /** `forbidden`: we may not; `rejected`: nobody may, as things are. */
  readonly why: "forbidden" | "rejected";
  readonly said: string;
  readonly at: Instant;
}

/** What of the pull request itself is in the way of a merge that the configuration wants. */
export type MergeHeld = "draft" | "conflict" | "nothing_applied" | "left_behind";
