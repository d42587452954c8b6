import type { Instant } from "../base/brand.ts";
import type { DirspaceKey } from "./change/dirspace.ts";
import type { Untranslated } from "./command/foreign.ts";
import type { FoundCode } from "./command/found-code.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import type { CommitSha, RunId } from "./ids.ts";
import type { LockReason } from "./lock/lock-reason.ts";
import type { GroupVerdict } from "./merge/queued-group.ts";
import type { MergeHeld, MergeRefusal, MergeWish } from "./merge/unmerged.ts";
import type { Phase } from "./phase.ts";
import type { GateReason } from "./policy/gate-reason.ts";
import type { Permission } from "./pull-request.ts";
import type { RulePlace } from "./rule/rule-place.ts";
import type { BuilderName } from "./run/preparing.ts";
import type { StaleBecause } from "./run/work.ts";
import type { JobAbout, JobWait } from "./schedule/wait.ts";
import type { Unserved } from "./standing.ts";

/**
 * Why something was decided, also why nothing was. Comment, check, dashboard and `terrane why` all render
 * these; nothing else explains. Each carries what a person needs to change the outcome.
 */
export type Reason = Cause & {
  /** Where the configuration says so; only places, so that reasons stay small enough to be kept for ever. */
  readonly rules?: readonly RulePlace[];
};

type Cause =
  // Nothing to do
  | { readonly code: "pull_request_gone" }
  /** Nothing can be done in its repository, until that is over. */
  | ({ readonly code: "not_served" } & Unserved)
  | { readonly code: "pull_request_closed" }
  | { readonly code: "not_a_command" }
  /** The VCS does not have the comment, or has it with other words or of somebody else. */
  | {
      readonly code: "comment_unconfirmed";
      readonly because: "gone" | "edited" | "other_author" | "answered";
    }
  | { readonly code: "disabled" }
  | { readonly code: "nothing_affected"; readonly deletedDirs: readonly string[] }
  | { readonly code: "plans_current" }
  | { readonly code: "autoplan_off"; readonly dirspaces: readonly DirspaceKey[] }
  | { readonly code: "draft_not_planned"; readonly dirspaces: readonly DirspaceKey[] }
  /** Would be applied without a command; what speaks against it stands beside. */
  | { readonly code: "autoapply_held"; readonly dirspaces: readonly DirspaceKey[] }
  /** An apply of this commit was tried before, so the next one is left to people. */
  | { readonly code: "autoapply_left"; readonly dirspaces: readonly DirspaceKey[] }
  | { readonly code: "event_outdated" }
  | { readonly code: "observed" }
  // Refused
  /** The check is of another commit than the one that the pull request has now. */
  /** Planned since the comment was written: whoever wrote it has not seen these plans. */
  | {
      readonly code: "plan_unseen";
      readonly dirspaces: readonly DirspaceKey[];
      readonly writtenAt: Instant;
    }
  | { readonly code: "button_outdated"; readonly pressedOn: CommitSha; readonly head: CommitSha }
  /** T7: a webhook alone says who pressed a button. */
  | { readonly code: "button_unconfirmed"; readonly login: string; readonly wanted: "apply" }
  /** It plans again what was planned before, and these dirspaces were not. */
  | {
      readonly code: "button_unconfirmed";
      readonly login: string;
      readonly wanted: "plan";
      readonly dirspaces: readonly DirspaceKey[];
    }
  | {
      readonly code: "unknown_command";
      readonly word: string;
      readonly nearest: string | undefined;
    }
  | {
      readonly code: "bad_query";
      readonly query: string;
      readonly message: string;
      readonly offset: number;
    }
  | {
      readonly code: "query_matches_nothing";
      readonly query: string;
      readonly available: readonly DirspaceKey[];
    }
  | {
      readonly code: "not_permitted";
      readonly login: string;
      readonly has: Permission;
      readonly needs: Permission;
    }
  | {
      readonly code: "access_denied";
      readonly login: string;
      readonly operation: AccessOperation;
      readonly dirspaces: readonly DirspaceKey[];
      /** Who may, in words; empty for nobody. */
      readonly allowed: readonly string[];
      /** Where the rules were read. */
      readonly branch: string;
      /** What could not be looked up, and therefore did not count. */
      readonly unreadable: readonly string[];
    }
  | {
      readonly code: "no_policy_matches";
      readonly operation: AccessOperation;
      readonly dirspaces: readonly DirspaceKey[];
      readonly branch: string;
    }
  | {
      readonly code: "file_guarded";
      readonly login: string;
      readonly what: "config" | "ci" | "file";
      readonly path: string;
      readonly allowed: readonly string[];
      readonly branch: string;
      readonly unreadable: readonly string[];
    }
  | {
      readonly code: "unlock_denied";
      readonly login: string;
      readonly allowed: readonly string[];
      readonly branch: string;
      readonly unreadable: readonly string[];
    }
  /** An operation that only an access policy can allow. */
  | { readonly code: "access_control_off"; readonly operation: AccessOperation }
  /** Of older servers. */
  | { readonly code: "comes_later"; readonly command: string; readonly nearest: string }
  | {
      readonly code: "untrusted_fork";
      /** The commit to approve; reasons of older servers say nothing of it. */
      readonly head?: CommitSha;
      /** Who approved it and may not write here. */
      readonly approvedBy?: readonly string[];
    }
  | { readonly code: "config_invalid"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly code: "config_ambiguous"; readonly paths: readonly string[] }
  | { readonly code: "config_unreadable"; readonly path: string; readonly message: string }
  | {
      readonly code: "lookup_refused";
      readonly what: "files" | "changes" | "checks" | "reviews" | "central";
      readonly message: string;
    }
  | {
      readonly code: "graph_invalid";
      readonly messages: readonly string[];
      /** Of the findings behind the messages; reasons of older servers have none. */
      readonly codes?: readonly string[];
    }
  /** The change touches directories that are one where names are not told apart. */
  | { readonly code: "same_directory"; readonly messages: readonly string[] }
  | {
      readonly code: "base_not_configured";
      readonly base: string;
      readonly configured: readonly string[];
    }
  | {
      readonly code: "source_not_configured";
      readonly base: string;
      readonly head: string;
      readonly sources: readonly string[];
    }
  /** Its job ended without an answer of this builder, so it is not known what the change touches. */
  | {
      readonly code: "not_built";
      readonly what: BuilderName;
      readonly runId: RunId;
      readonly number: number;
      readonly message: string;
    }
  /** Its job ended without having read the code, so it is not known what the change touches. */
  | {
      readonly code: "not_indexed";
      readonly runId: RunId;
      readonly number: number;
      readonly message: string;
    }
  | { readonly code: "merge_conflict"; readonly base: string }
  | { readonly code: "mergeability_unknown" }
  | { readonly code: "draft" }
  | { readonly code: "merge_first"; readonly dirspaces: readonly DirspaceKey[] }
  | {
      readonly code: "not_approved";
      readonly dirspaces: readonly DirspaceKey[];
      readonly have: readonly string[];
      readonly need: number;
      readonly missing: readonly string[];
      readonly unreadable: readonly string[];
    }
  | {
      readonly code: "checks_not_passed";
      readonly dirspaces: readonly DirspaceKey[];
      readonly failed: readonly string[];
      readonly pending: readonly string[];
    }
  | {
      readonly code: "reviews_open";
      readonly dirspaces: readonly DirspaceKey[];
      readonly waitingFor: readonly string[];
    }
  | { readonly code: "no_requirement_matches"; readonly dirspaces: readonly DirspaceKey[] }
  | LockReason
  | {
      readonly code: "apply_in_flight";
      readonly dirspaces: readonly DirspaceKey[];
      readonly by: number;
    }
  | { readonly code: "apply_unknown"; readonly dirspaces: readonly DirspaceKey[] }
  | { readonly code: "not_planned"; readonly dirspaces: readonly DirspaceKey[] }
  | { readonly code: "plan_running"; readonly dirspaces: readonly DirspaceKey[] }
  | { readonly code: "plan_failed"; readonly dirspaces: readonly DirspaceKey[] }
  | {
      readonly code: "plan_outdated";
      readonly dirspaces: readonly DirspaceKey[];
      readonly head: CommitSha;
    }
  | {
      readonly code: "plan_stale";
      readonly dirspaces: readonly DirspaceKey[];
      readonly because: StaleBecause;
    }
  | {
      readonly code: "predecessors_unapplied";
      readonly dirspaces: readonly DirspaceKey[];
      readonly waitFor: readonly DirspaceKey[];
    }
  /** `apply_after`: these are of one stack, which is applied after others. */
  | {
      readonly code: "stacks_unapplied";
      readonly stack: string;
      readonly dirspaces: readonly DirspaceKey[];
      readonly after: readonly string[];
      readonly waitFor: readonly DirspaceKey[];
    }
  | GateReason
  | { readonly code: "nothing_to_apply" }
  // Done
  /** A job runs this builder first; what the change touches is known after that. */
  | {
      readonly code: "building";
      readonly what: BuilderName;
      readonly runId: RunId;
      readonly number: number;
    }
  /** A job reads the code first; what the change touches is known after that. */
  | { readonly code: "indexing"; readonly runId: RunId; readonly number: number }
  | {
      readonly code: "plan_started";
      readonly runId: RunId;
      readonly dirspaces: readonly DirspaceKey[];
      readonly why: PlanWhy;
    }
  | {
      readonly code: "apply_started";
      readonly runId: RunId;
      readonly dirspaces: readonly DirspaceKey[];
      readonly approvedBy: readonly string[];
    }
  /** Requirements and gates did not count, because somebody who may said so. */
  | {
      readonly code: "apply_forced";
      readonly login: string;
      readonly dirspaces: readonly DirspaceKey[];
    }
  /** By a command for which an access policy is needed. */
  | {
      readonly code: "autoapprove_started";
      readonly runId: RunId;
      readonly dirspaces: readonly DirspaceKey[];
      readonly login: string;
      readonly approvedBy: readonly string[];
    }
  /** Nobody asked: the stack says `auto_apply`, or `autoapply` holds after the merge. */
  | {
      readonly code: "autoapply_started";
      readonly runId: RunId;
      readonly dirspaces: readonly DirspaceKey[];
      readonly approvedBy: readonly string[];
      readonly merged: boolean;
    }
  /** What an answer said to wait for is applied. */
  | {
      readonly code: "order_reached";
      readonly planned: readonly DirspaceKey[];
      readonly others: readonly DirspaceKey[];
    }
  | { readonly code: "run_superseded"; readonly runId: RunId; readonly head: CommitSha }
  | { readonly code: "run_finished"; readonly runId: RunId }
  | { readonly code: "run_failed"; readonly runId: RunId; readonly message: string }
  | { readonly code: "run_cancelled"; readonly runId: RunId }
  | { readonly code: "run_silent"; readonly runId: RunId }
  /** Gates name them, as in a match list. */
  | { readonly code: "reviewers_asked"; readonly names: readonly string[] }
  | {
      readonly code: "reviewers_unasked";
      readonly names: readonly string[];
      readonly why: "author" | "refused";
      /** The VCS's own words. */
      readonly said?: string;
    }
  /** Its job left issues to be opened. */
  | { readonly code: "issues_left"; readonly runId: RunId; readonly count: number }
  /** Of an apply: it may have changed something that our own record does not know of. */
  | {
      readonly code: "result_refused";
      readonly runId: RunId;
      readonly dirspace: DirspaceKey;
      readonly apply: boolean;
      readonly said: string;
      readonly stays: string;
    }
  | { readonly code: "all_applied" }
  | {
      readonly code: "cancelled";
      readonly plans: readonly DirspaceKey[];
      /** Asked to stop; they end when their jobs say so. */
      readonly applies: readonly DirspaceKey[];
      readonly waited: boolean;
    }
  | { readonly code: "nothing_to_cancel" }
  // Merging
  | {
      readonly code: "automerge_started";
      readonly head: CommitSha;
      readonly method: MergeWish["method"];
    }
  /** The configuration wants it merged, and something of the pull request itself is in the way. */
  | {
      readonly code: "automerge_held";
      readonly why: MergeHeld;
      /** What the pull request no longer touches and may have changed. */
      readonly dirspaces: readonly DirspaceKey[];
    }
  | {
      readonly code: "automerge_refused";
      readonly head: CommitSha;
      readonly why: MergeRefusal;
      /** The VCS's own words. */
      readonly said: string;
    }
  /** The branch takes changes through its queue only, and that has it now. */
  | { readonly code: "automerge_queued"; readonly head: CommitSha }
  /** What the checks of a merge queue's group say. */
  | { readonly code: "group_judged"; readonly head: CommitSha; readonly verdict: GroupVerdict }
  | { readonly code: "branch_kept"; readonly branch: string; readonly said: string }
  | { readonly code: "now_approved"; readonly by: readonly string[] }
  | {
      readonly code: "config_shown";
      /** YAML with origins, from its beginning. */
      readonly lines: readonly string[];
      readonly linesOmitted: number;
      /** Where values come from besides the defaults, each once. */
      readonly files: readonly string[];
    }
  | ({ readonly code: "index_shown" } & FoundCode)
  | { readonly code: "indexer_off" }
  | { readonly code: "feedback_heard"; readonly login: string; readonly message: string }
  | { readonly code: "feedback_usage" }
  | {
      readonly code: "foreign_command";
      readonly why: Untranslated;
      readonly word: string;
      /** What to write instead, without our name. */
      readonly command: string;
    }
  | { readonly code: "help_shown" }
  // Asked for: why
  | {
      readonly code: "why_shown";
      readonly dirspace: DirspaceKey;
      readonly phase: Phase;
      /** What it waits for; empty where nothing more has to happen. */
      readonly waits: readonly Reason[];
    }
  | {
      readonly code: "why_unknown";
      readonly target: string;
      readonly available: readonly DirspaceKey[];
    }
  /** A run is there, and no CI job works on it yet. Its place is the one when it was read; a decision knows none. */
  | ({ readonly code: "job_awaited"; readonly wait?: JobWait } & JobAbout)
  | ({ readonly code: "job_works" } & JobAbout)
  /** Nothing speaks against it that is known; somebody has to ask for it. */
  | { readonly code: "apply_ready"; readonly dirspaces: readonly DirspaceKey[] };

export type ReasonCode = Reason["code"];

/** What access policies speak about, as it is typed. */
export type AccessOperation = "plan" | "apply" | "apply-force" | "apply-autoapprove";

/** Why a plan was started. */
export type PlanWhy =
  | "changed"
  | "asked"
  | "predecessors_applied"
  | "base_moved"
  | "configuration_moved"
  | "neighbour_released"
  | "merged";
