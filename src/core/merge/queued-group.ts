import type { DirspaceKey } from "../change/dirspace.ts";
import type { MergeGroup } from "../merge-group.ts";

/** A group of a merge queue that ends with the pull request, and what its checks say. */
export interface QueuedGroup extends MergeGroup {
  readonly verdict: GroupVerdict;
}

/**
 * What was reviewed says what the group will do, as long as both start from the same. A group is never left without an
 * answer: whatever is not the same is refused with what to do.
 */
export type GroupVerdict =
  /** Plans are being made; the answer follows. */
  | { readonly kind: "pending" }
  | {
      readonly kind: "as_reviewed";
      /** `later`: what is left is applied after the merge, as the configuration says. */
      readonly applies: "done" | "nothing" | "later";
    }
  | {
      readonly kind: "refused";
      readonly because: GroupRefusal;
      readonly dirspaces: readonly DirspaceKey[];
    }
  /** Merged or given up: nobody waits for it. */
  | { readonly kind: "over" };

/**
 * | refusal | what is wrong |
 * |---|---|
 * | other_changes | the group brings files that the pull request does not change |
 * | base_moved | what comes before it in the queue touches the same directories |
 * | unreadable | what it brings cannot be told |
 * | unplanned | something has no plan that holds |
 * | unapplied | something is planned and has to be applied before the merge |
 * | stopped | nothing of the pull request can be planned; its own checks say why |
 */
export type GroupRefusal =
  | "other_changes"
  | "base_moved"
  | "unreadable"
  | "unplanned"
  | "unapplied"
  | "stopped";
