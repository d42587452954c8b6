import type { Instant } from "../base/brand.ts";
import type { Affected } from "./change/affected.ts";
import type { DirspaceKey } from "./change/dirspace.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import type { NeighbourDid } from "./event.ts";
import type { Question } from "./fact.ts";
import type { Account, AttemptId, CommitSha, RunId } from "./ids.ts";
import type { QueuedGroup } from "./merge/queued-group.ts";
import type { MergeWish, Unmerged } from "./merge/unmerged.ts";
import type { Notice } from "./notice.ts";
import type { GateApproval } from "./policy/gate.ts";
import type { PullRequestView } from "./pull-request.ts";
import type { Reason } from "./reason.ts";
import type { PlanBasis } from "./run/plan-basis.ts";
import type { BuilderOrder, Preparation, WaitingCommand } from "./run/preparing.ts";
import type { RaisedGate } from "./run/report.ts";
import type { RunOutcome } from "./run/run.ts";
import type { RunSettings } from "./run/settings.ts";
import type { StaleBecause, WorkState } from "./run/work.ts";
import type { Showing } from "./showing.ts";

/** What evaluating one event gives. */
export type Evaluation =
  /** Look these up, then evaluate again. */
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  /** Take the rows of these dirspaces, in this order, then evaluate again with a fresh snapshot. */
  | { readonly kind: "hold"; readonly dirspaces: readonly DirspaceKey[] }
  | Decision;

export interface Decision {
  readonly kind: "decide";
  readonly writes: readonly Write[];
  readonly effects: readonly Effect[];
  /** Never empty: also what did not happen has a reason. */
  readonly reasons: readonly Reason[];
}

/** A change of stored state. All writes of a decision are one transaction. */
export type Write =
  | { readonly kind: "observe"; readonly view: PullRequestView }
  | {
      readonly kind: "record_change_set";
      readonly headSha: CommitSha;
      readonly baseSha: CommitSha;
      readonly affected: readonly Affected[];
      readonly parallel: number;
      readonly deletedDirs: readonly string[];
      readonly warnings: readonly Diagnostic[];
      readonly central?: CommitSha;
      readonly showing?: Showing;
    }
  | { readonly kind: "create_run"; readonly run: NewRun }
  /** Gives a run that began without dirspaces what to work on; its job takes them up. */
  | { readonly kind: "fill_run"; readonly run: FilledRun }
  /** Gives the job of such a run one thing more to find out. */
  | {
      readonly kind: "prepare_next";
      readonly runId: RunId;
      readonly what: Preparation;
      readonly order?: BuilderOrder;
    }
  /** The newest command that waits for what the run's job finds out; undefined once it goes on. */
  | {
      readonly kind: "remember_command";
      readonly runId: RunId;
      readonly command: WaitingCommand | undefined;
    }
  | {
      readonly kind: "end_run";
      readonly runId: RunId;
      readonly outcome: RunOutcome;
      /** Why, where no dirspace can say so. */
      readonly message?: string;
    }
  | { readonly kind: "dispatched"; readonly runId: RunId }
  /** Asks the run's job to stop; the runner hears it with its next heartbeat. */
  | { readonly kind: "request_cancel"; readonly runId: RunId }
  | {
      readonly kind: "move_work";
      readonly runId: RunId;
      readonly dirspace: DirspaceKey;
      readonly to: WorkState;
      readonly because: string;
    }
  | {
      readonly kind: "mark_stale";
      readonly runId: RunId;
      readonly dirspace: DirspaceKey;
      readonly because: StaleBecause;
    }
  | {
      readonly kind: "confirm_base";
      readonly runId: RunId;
      readonly dirspace: DirspaceKey;
      readonly baseSha: CommitSha;
    }
  | {
      readonly kind: "take_locks";
      readonly dirspaces: readonly DirspaceKey[];
      readonly because: "applied" | "merged";
      readonly baseRef: string;
    }
  | { readonly kind: "release_locks"; readonly dirspaces: readonly DirspaceKey[] }
  /** Takes a place in the queue behind all others, or keeps the one it has, for exactly these dirspaces. */
  | {
      readonly kind: "wait";
      readonly place: "last" | "kept";
      readonly dirspaces: readonly DirspaceKey[];
      readonly baseRef: string;
      readonly actor: string | undefined;
      readonly command: string;
      readonly since: Instant;
    }
  /** Nobody is in its way any more, or somebody is again. */
  | { readonly kind: "set_turn"; readonly since: Instant | undefined }
  | { readonly kind: "leave_queue" }
  | { readonly kind: "set_gate_approvals"; readonly approvals: readonly GateApproval[] }
  | { readonly kind: "note_group"; readonly queued: QueuedGroup }
  /** Why this head was not merged, until it is tried again; undefined once it is. */
  | { readonly kind: "note_unmerged"; readonly unmerged: Unmerged | undefined }
  /** Whom gates asked for a review of this commit, all of them. */
  | {
      readonly kind: "note_reviewers";
      readonly headSha: CommitSha;
      readonly terms: readonly string[];
    }
  | { readonly kind: "set_unlock_requested"; readonly requested: boolean }
  /** Merged and done: it owns nothing from here on, whatever others do to the same dirspaces. */
  | { readonly kind: "let_go" }
  /** Unlock: what was planned and applied before no longer counts. */
  | { readonly kind: "forget_results" }
  | { readonly kind: "set_notice"; readonly notice: Notice | undefined }
  /** Its command was answered; told of again, it does nothing (S22). */
  | { readonly kind: "answer_comment"; readonly commentId: string };

export interface NewRun {
  readonly id: RunId;
  readonly number: number;
  readonly attemptId: AttemptId;
  readonly kind: "plan" | "apply";
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  /** `merged`: the head merged with the base; `base`: the base alone, which holds the change already. */
  readonly checkout: "merged" | "base";
  readonly parallel: number;
  /** Who asked; undefined for automatic runs. */
  readonly actor: Account | undefined;
  readonly forced: boolean;
  /** Its dirspaces are applied without a plan that was reviewed; absent where they are not. */
  readonly autoApprove?: true;
  /** What its job finds out first; such a run has no dirspaces yet. Absent where there is nothing to find out. */
  readonly prepares?: readonly Preparation[];
  /** Where that takes a script. */
  readonly order?: BuilderOrder;
  readonly units: readonly NewUnit[];
  /** Absent in runs of older servers, and while it is not known what to work on. */
  readonly settings?: RunSettings;
  /** What its job's place in the queue depends on; absent in runs of older servers. */
  readonly expected?: ExpectedRun;
}

/** From what earlier works took, in milliseconds. */
export interface ExpectedRun {
  readonly jobMs: number;
  /** From its start until the last of what comes after it in the pull request. */
  readonly remainingMs: number;
}

/** As `NewRun`; the base may have moved on since the run began. */
export type FilledRun = Omit<NewRun, "attemptId" | "forced" | "autoApprove" | "prepares" | "order">;

export interface NewUnit {
  readonly dirspace: DirspaceKey;
  readonly affected: Affected;
  /** Dirspaces of this run that come first. */
  readonly after: readonly DirspaceKey[];
  /** Of a plan: what the configuration says about it now. */
  readonly basis?: PlanBasis;
  /** For an apply: the reviewed plan. */
  readonly plan:
    | {
        readonly runId: RunId;
        readonly digest: string;
        /** What its steps asked for and people gave. */
        readonly gates?: readonly RaisedGate[];
      }
    | undefined;
  /** How long it will take, from earlier ones; absent in runs of older servers. */
  readonly expectedMs?: number;
}

/**
 * Something to do outside, at least once. `key` makes doing it twice harmless (S25); effects that show state
 * carry none of it: they render what is stored when they are performed, so the last one always tells the truth (L40).
 */
export type Effect =
  | { readonly kind: "publish"; readonly key: string }
  /** Brings the comments about ended runs in line with what is stored: writes, hides and deletes. */
  | { readonly kind: "publish_results"; readonly key: string }
  | { readonly kind: "acknowledge"; readonly key: string; readonly commentId: string }
  /** Queues the job; it is started once it is admitted. */
  | {
      readonly kind: "dispatch";
      readonly key: string;
      readonly runId: RunId;
      readonly attemptId: AttemptId;
    }
  | {
      readonly kind: "cancel";
      readonly key: string;
      readonly runId: RunId;
      readonly attemptId: AttemptId;
    }
  /** Merges exactly this head, if everything of it still is applied when that is done. */
  | ({ readonly kind: "merge"; readonly key: string } & MergeWish)
  /** Opens the issues that the run's job left, or has those that are open tell the same. */
  | { readonly kind: "open_issues"; readonly key: string; readonly runId: RunId }
  /** Asks these for a review, by login and by the team's name. */
  | {
      readonly kind: "ask_reviewers";
      readonly key: string;
      readonly users: readonly string[];
      readonly teams: readonly string[];
    }
  /** Gives the command to another pull request of the repository, in the name of the same person. */
  | {
      readonly kind: "forward_command";
      readonly key: string;
      readonly number: number;
      readonly actor: Account;
      readonly text: string;
    }
  /** Tells the other pull requests that share these dirspaces. */
  | {
      readonly kind: "tell_neighbours";
      readonly key: string;
      readonly dirspaces: readonly DirspaceKey[];
      readonly because: NeighbourDid;
    };
