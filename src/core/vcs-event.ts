import type { Account, CommitSha } from "./ids.ts";
import type { MergeGroup } from "./merge-group.ts";

/**
 * What a VCS told us, in our words: the common shape that every adapter's webhook parser gives.
 * All of it is a hint; identity, head and approvals are read again before anything happens.
 */
export interface VcsEvent {
  /** The delivery's own id: the same delivery again is a no-op (S22). */
  readonly deliveryId: string;
  readonly installation: string;
  readonly repository: {
    readonly id: string;
    readonly fullName: string;
    readonly defaultBranch: string;
  };
  readonly what: VcsHappening;
}

/** What the checks offer, each a command. */
export type Button = "plan" | "apply" | "why";

export type VcsHappening =
  | {
      readonly kind: "pull_request";
      readonly number: number;
      readonly action: "opened" | "pushed" | "reopened" | "closed" | "ready" | "draft" | "edited";
    }
  | {
      readonly kind: "comment";
      readonly number: number;
      readonly commentId: string;
      readonly author: Account;
      readonly body: string;
    }
  | { readonly kind: "review"; readonly number: number }
  | { readonly kind: "branch_pushed"; readonly branch: string; readonly after: CommitSha }
  /** A button of one of our checks was pressed, or the check was to run again, on the commit `head`. */
  | {
      readonly kind: "pressed";
      readonly number: number;
      readonly button: Button;
      readonly actor: Account;
      readonly head: CommitSha;
    }
  /** A merge queue made a group, or is done with it; `number` is the last pull request of the group. */
  | { readonly kind: "merge_group"; readonly number: number; readonly group: MergeGroup }
  /** A CI job of ours ended, or so it says; `ciRun` is what the CI port returned from `start`. */
  | { readonly kind: "ci_ended"; readonly ciRun: string };
