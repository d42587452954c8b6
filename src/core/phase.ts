import type { PullRequestView } from "./pull-request.ts";
import { hasEnded, type StaleBecause, type Work } from "./run/work.ts";
import type { DirspaceState } from "./snapshot.ts";

/**
 * Where one dirspace of a pull request stands, for people and for decisions alike. Derived from its latest
 * plan and apply, never stored.
 *
 * | phase | meaning |
 * |---|---|
 * | unplanned | no plan of the current head |
 * | waiting | a predecessor has to be applied first |
 * | planning | a plan is queued or runs |
 * | planned | reviewed plan with changes, may be applied |
 * | unchanged | planned, nothing to apply |
 * | stale | the plan no longer holds; plan again |
 * | plan_failed | the plan ended with an error |
 * | applying | an apply is queued, runs or has its grant |
 * | unknown | an apply had its grant and contact was lost |
 * | applied | this head is applied |
 * | apply_failed | the apply ended with an error; plan again (S13) |
 */
export type Phase =
  | "unplanned"
  | "waiting"
  | "planning"
  | "planned"
  | "unchanged"
  | "stale"
  | "plan_failed"
  | "applying"
  | "unknown"
  | "applied"
  | "apply_failed";

/** Done means that nothing more has to happen to the dirspace for this head. */
export function isDone(phase: Phase): boolean {
  return phase === "applied" || phase === "unchanged";
}

export function phaseOf(state: DirspaceState, view: PullRequestView): Phase {
  const { plan, apply } = state;
  if (apply !== undefined && !hasEnded(apply.state)) {
    return apply.state === "unknown" ? "unknown" : "applying";
  }
  const latest = latestOf(plan, apply);
  if (latest === undefined) return "unplanned";
  return latest.op === "apply"
    ? applyPhase(latest, plan, state, view)
    : planPhase(latest, state, view);
}

/** Why a plan that was once good may not be applied any more; undefined while it holds. */
export function stalenessOf(
  plan: Work,
  state: DirspaceState,
  view: PullRequestView,
): StaleBecause | undefined {
  if (plan.stale !== undefined) return plan.stale;
  if (plan.fenceSeen < state.lastFence) return { kind: "applied_elsewhere" };
  if (plan.confirmedBaseSha !== view.baseSha) return { kind: "base_moved", to: view.baseSha };
  return undefined;
}

function latestOf(plan: Work | undefined, apply: Work | undefined): Work | undefined {
  if (plan === undefined || apply === undefined) return plan ?? apply;
  return plan.seq > apply.seq ? plan : apply;
}

function planPhase(plan: Work, state: DirspaceState, view: PullRequestView): Phase {
  switch (plan.state) {
    case "queued":
    case "running":
      return "planning";
    case "planned":
      if (plan.headSha !== expectedHead(view)) return "unplanned";
      if (plan.changed === false && plan.stale === undefined) return "unchanged";
      return stalenessOf(plan, state, view) === undefined ? "planned" : "stale";
    case "waiting":
      return plan.headSha === expectedHead(view) ? "waiting" : "unplanned";
    case "failed":
      return plan.headSha === expectedHead(view) ? "plan_failed" : "unplanned";
    default:
      return "unplanned";
  }
}

function applyPhase(
  apply: Work,
  plan: Work | undefined,
  state: DirspaceState,
  view: PullRequestView,
): Phase {
  switch (apply.state) {
    case "applied":
      return apply.headSha === expectedHead(view) || view.state === "merged"
        ? "applied"
        : "unplanned";
    case "failed":
      return "apply_failed";
    default:
      // The apply never began, so the plan it was made from counts again.
      return plan === undefined ? "unplanned" : planPhase(plan, state, view);
  }
}

/** Plans are made for the head; after the merge the base branch holds it, so plans made since carry that commit. */
export function expectedHead(view: PullRequestView): PullRequestView["headSha"] {
  return view.headSha;
}
