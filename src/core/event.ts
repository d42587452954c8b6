import type { Instant } from "../base/brand.ts";
import type { DirspaceKey } from "./change/dirspace.ts";
import type { Account, AttemptId, CommitSha, EventId, RunId } from "./ids.ts";
import type { MergeRefusal } from "./merge/unmerged.ts";
import type { MergeGroup } from "./merge-group.ts";
import type { UnitReport } from "./run/report.ts";
import type { WorkState } from "./run/work.ts";

/** Something that happened to one pull request, stored before anybody acts on it (S20). */
export interface PullRequestEvent {
  readonly id: EventId;
  readonly at: Instant;
  readonly what: Happening;
}

/** What another pull request did about a dirspace that this one shares. */
export type NeighbourDid = "applied" | "awaits" | "locked" | "released";

export type Happening =
  /** The VCS says that the pull request changed; what exactly is read again. */
  | ({ readonly kind: "pull_request_changed"; readonly hint: string } & Told)
  | ({
      readonly kind: "commented";
      readonly commentId: string;
      readonly author: Account;
      readonly body: string;
      /** Its first word, where that counted beside our own when it was heard: a setting of the server. */
      readonly word?: string;
    } & Told)
  /** A command from the dashboard, the API or the command line: the text as it would be commented. */
  | {
      readonly kind: "command_given";
      readonly actor: Account;
      readonly text: string;
      readonly via: "api" | "dashboard" | "cli";
    }
  /** A button of a check on the VCS. Who pressed it is what a webhook said, and cannot be asked for again (T7). */
  | ({
      readonly kind: "button_pressed";
      readonly actor: Account;
      readonly text: string;
      /** The commit that the check is of. */
      readonly head: CommitSha;
    } & Told)
  | ({ readonly kind: "review_changed" } & Told)
  /** The pull request is the last one of that group of a merge queue. */
  | ({ readonly kind: "merge_group"; readonly group: MergeGroup } & Told)
  | ({ readonly kind: "base_moved"; readonly after: CommitSha } & Told)
  /** Somebody pushed to the owner's central repository. */
  | ({
      readonly kind: "configuration_moved";
      readonly repository: string;
      readonly after: CommitSha;
    } & Told)
  /** Another pull request did something about a dirspace that this one shares. */
  | {
      readonly kind: "neighbour_changed";
      readonly number: number;
      readonly because: NeighbourDid;
    }
  /** The CI system took the job, or would not. */
  | {
      readonly kind: "run_dispatched";
      readonly runId: RunId;
      readonly outcome: "started" | "failed";
      readonly message: string;
    }
  /** The runner reported; the results are in the snapshot already. Many reports wake one evaluation. */
  | { readonly kind: "run_progressed"; readonly runId: RunId }
  /** Positive proof that nothing of the run's job works any more (S3). */
  | {
      readonly kind: "run_ended";
      readonly runId: RunId;
      readonly attemptId: AttemptId;
      readonly how: RunEnding;
    }
  /** The turn that began then was not used in time; whether that still holds is decided (L42). */
  | { readonly kind: "turn_over"; readonly since: Instant }
  /** No sign of life for too long. Proves nothing (S3). */
  | { readonly kind: "run_went_silent"; readonly runId: RunId }
  /** Some whom a gate names cannot be asked for a review, as the VCS says. */
  | {
      readonly kind: "reviewers_refused";
      readonly names: readonly string[];
      readonly message: string;
    }
  /** The VCS would not merge this head when we asked it to, and says why. */
  | {
      readonly kind: "merge_refused";
      readonly head: CommitSha;
      readonly why: MergeRefusal;
      readonly message: string;
    }
  /** The branch takes changes through its queue only, and this head is in it now. */
  | { readonly kind: "merge_queued"; readonly head: CommitSha }
  /** It was merged, and its branch stays although the configuration wants it deleted. */
  | { readonly kind: "branch_kept"; readonly branch: string; readonly message: string }
  /** A result came that changes nothing any more: too late, of another fence, or a second one (S27, S28). */
  | {
      readonly kind: "result_refused";
      readonly runId: RunId;
      readonly dirspace: DirspaceKey;
      readonly said: UnitReport["outcome"];
      readonly stays: WorkState;
    };

const KNOWN: Readonly<Record<Happening["kind"], true>> = {
  pull_request_changed: true,
  commented: true,
  command_given: true,
  button_pressed: true,
  review_changed: true,
  merge_group: true,
  base_moved: true,
  configuration_moved: true,
  neighbour_changed: true,
  run_dispatched: true,
  run_progressed: true,
  run_ended: true,
  turn_over: true,
  run_went_silent: true,
  reviewers_refused: true,
  merge_refused: true,
  merge_queued: true,
  branch_kept: true,
  result_refused: true,
};

/** Whether this version can decide about it; a newer server beside it may have stored what it does not know (L38). */
export function isKnownHappening(what: { readonly kind: string }): boolean {
  return Object.hasOwn(KNOWN, what.kind);
}

/** Which delivery of the VCS told it; decides nothing, and lets people find the webhook again. */
interface Told {
  readonly delivery?: string;
}

export type RunEnding =
  | { readonly kind: "finished"; readonly failure: string | undefined }
  | { readonly kind: "ci_ended"; readonly conclusion: string }
  | { readonly kind: "never_started"; readonly message: string }
  /** Nobody knows its job any more, and it had no grant: from here on it can get none, so nothing of it can apply. */
  | { readonly kind: "given_up"; readonly message: string };
