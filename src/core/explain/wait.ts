import type { Reason, ReasonCode } from "../reason.ts";

/** What a dirspace waits for: the kind, for lists and filters, and the reason that says it in words. */
export interface Wait {
  readonly on: WaitKind;
  readonly reason: Reason;
}

export type WaitKind =
  | "predecessor"
  | "stack"
  | "lock"
  /** An apply of somebody else's, which has the dirspace now. */
  | "apply"
  /** A CI job that takes the run. */
  | "job"
  /** The runner, which works. */
  | "runner"
  | "approval"
  | "check"
  | "review"
  | "mergeability"
  | "ready_for_review"
  | "merge"
  /** Somebody who may. */
  | "person"
  | "configuration"
  /** A commit that mends something. */
  | "push"
  | "command"
  /** The pull request itself would have to be another one. */
  | "pull_request";

/** What each reason that stands in the way waits for; `nothing` where it stands in nobody's way. The compiler keeps it complete. */
const WAITS: Readonly<Record<ReasonCode, WaitKind | "nothing">> = {
  predecessors_unapplied: "predecessor",
  stacks_unapplied: "stack",
  locked: "lock",
  others_first: "lock",
  queued: "lock",
  apply_in_flight: "apply",
  apply_unknown: "runner",
  job_awaited: "job",
  job_works: "runner",
  plan_running: "runner",
  indexing: "job",
  building: "job",
  not_approved: "approval",
  gate_open: "approval",
  gate_unreadable: "push",
  gates_unasked: "runner",
  checks_not_passed: "check",
  reviews_open: "review",
  mergeability_unknown: "mergeability",
  merge_conflict: "mergeability",
  draft: "ready_for_review",
  draft_not_planned: "ready_for_review",
  merge_first: "merge",
  access_denied: "person",
  no_policy_matches: "configuration",
  file_guarded: "person",
  access_control_off: "configuration",
  no_requirement_matches: "configuration",
  disabled: "configuration",
  base_not_configured: "pull_request",
  source_not_configured: "pull_request",
  config_invalid: "push",
  config_ambiguous: "push",
  config_unreadable: "push",
  graph_invalid: "push",
  same_directory: "push",
  lookup_refused: "configuration",
  untrusted_fork: "approval",
  pull_request_closed: "pull_request",
  pull_request_gone: "pull_request",
  not_served: "configuration",
  autoplan_off: "command",
  not_indexed: "command",
  not_built: "push",
  not_planned: "command",
  plan_failed: "push",
  plan_stale: "command",
  plan_outdated: "command",
  apply_ready: "command",
  not_a_command: "nothing",
  comment_unconfirmed: "nothing",
  plan_unseen: "command",
  button_outdated: "command",
  button_unconfirmed: "command",
  nothing_affected: "nothing",
  plans_current: "nothing",
  autoapply_held: "nothing",
  autoapply_left: "nothing",
  event_outdated: "nothing",
  observed: "nothing",
  unknown_command: "nothing",
  bad_query: "nothing",
  query_matches_nothing: "nothing",
  not_permitted: "nothing",
  unlock_denied: "nothing",
  gate_approved: "nothing",
  gate_own: "nothing",
  gate_unknown: "nothing",
  gate_crowded: "nothing",
  gate_usage: "nothing",
  comes_later: "nothing",
  turn_began: "nothing",
  turn_lapsed: "nothing",
  wait_ended: "nothing",
  nothing_to_apply: "nothing",
  nothing_to_unlock: "nothing",
  unlock_unknown: "nothing",
  nothing_blocks: "nothing",
  no_drift_locks: "nothing",
  force_unlock_usage: "nothing",
  force_unlock_unconfirmed: "nothing",
  force_unlock_denied: "nothing",
  force_unlocked: "nothing",
  unlock_forwarded: "nothing",
  plan_started: "nothing",
  apply_started: "nothing",
  apply_forced: "nothing",
  autoapprove_started: "nothing",
  autoapply_started: "nothing",
  order_reached: "nothing",
  run_superseded: "nothing",
  run_finished: "nothing",
  run_failed: "nothing",
  run_cancelled: "nothing",
  run_silent: "nothing",
  issues_left: "nothing",
  reviewers_asked: "nothing",
  reviewers_unasked: "nothing",
  result_refused: "nothing",
  locks_taken: "nothing",
  locks_released: "nothing",
  locks_kept: "nothing",
  unlock_waits: "nothing",
  unlocked: "nothing",
  all_applied: "nothing",
  automerge_started: "nothing",
  automerge_held: "nothing",
  automerge_refused: "nothing",
  automerge_queued: "nothing",
  branch_kept: "nothing",
  cancelled: "nothing",
  nothing_to_cancel: "nothing",
  group_judged: "nothing",
  lock_freed: "nothing",
  now_approved: "nothing",
  config_shown: "nothing",
  help_shown: "nothing",
  index_shown: "nothing",
  indexer_off: "nothing",
  feedback_heard: "nothing",
  feedback_usage: "nothing",
  foreign_command: "nothing",
  why_shown: "nothing",
  why_unknown: "nothing",
};

export function waitKindOf(code: ReasonCode): WaitKind | undefined {
  const on = WAITS[code];
  return on === "nothing" ? undefined : on;
}

/** Reasons that stop the pull request as a whole, whatever a dirspace would do otherwise. */
const STOPS: ReadonlySet<ReasonCode> = new Set([
  "disabled",
  "base_not_configured",
  "source_not_configured",
  "config_invalid",
  "config_ambiguous",
  "config_unreadable",
  "graph_invalid",
  "same_directory",
  "lookup_refused",
  "indexing",
  "building",
  "not_built",
  "not_indexed",
  "untrusted_fork",
  "merge_conflict",
  "pull_request_closed",
  "pull_request_gone",
  "not_served",
]);

export function stopsEverything(code: ReasonCode): boolean {
  return STOPS.has(code);
}
