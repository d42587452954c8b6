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

/** What each reason that stands in the way waits for. What is not here stands in nobody's way. */
const WAITS: { readonly [C in ReasonCode]?: WaitKind } = {
  predecessors_unapplied: "predecessor",
  stacks_unapplied: "stack",
  locked: "lock",
  others_first: "lock",
  queued: "lock",
  apply_in_flight: "apply",
  apply_unknown: "runner",
  job_awaited: "job",
  job_works: "runner",
  not_approved: "approval",
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
  untrusted_fork: "pull_request",
  pull_request_closed: "pull_request",
  pull_request_gone: "pull_request",
  autoplan_off: "command",
  not_indexed: "command",
  not_planned: "command",
  plan_failed: "push",
  plan_stale: "command",
  plan_outdated: "command",
  apply_ready: "command",
};

export function waitKindOf(code: ReasonCode): WaitKind | undefined {
  return WAITS[code];
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
  "untrusted_fork",
  "merge_conflict",
  "pull_request_closed",
  "pull_request_gone",
]);

export function stopsEverything(code: ReasonCode): boolean {
  return STOPS.has(code);
}
