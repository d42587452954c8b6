import type { DirspaceKey } from "./change/dirspace.ts";
import { dirspaceKey } from "./change/dirspace.ts";
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
 * | apply_failed | the apply ended with an error, or was given up; plan again (S13) |
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

/** The phase of every dirspace; a dirspace that is not planned yet waits while a predecessor is not done. */
export function phasesOf(
  states: readonly DirspaceState[],
  view: PullRequestView,
): ReadonlyMap<DirspaceKey, Phase> {
  const phases = new Map<DirspaceKey, Phase>();
  for (const state of states) phases.set(state.key, ownPhase(state, view));
  for (const state of byWave(states)) {
    const phase = phases.get(state.key);
    if (phase !== "unplanned" && phase !== "waiting") continue;
    phases.set(state.key, openPredecessors(state, phases).length > 0 ? "waiting" : "unplanned");
  }
  return phases;
}

/** The predecessors that have to be done before this dirspace may be planned. */
export function openPredecessors(
  state: DirspaceState,
  phases: ReadonlyMap<DirspaceKey, Phase>,
): readonly DirspaceKey[] {
  const keys = (state.affected?.predecessors ?? []).map(dirspaceKey);
  return keys.filter((key) => !isDone(phases.get(key) ?? "applied"));
}

/** Why a plan may not be applied any more (S11); undefined while it holds. */
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

/** Predecessors first. */
export function byWave(states: readonly DirspaceState[]): readonly DirspaceState[] {
  return [...states].sort((a, b) => (a.affected?.wave ?? 0) - (b.affected?.wave ?? 0));
}

function ownPhase(state: DirspaceState, view: PullRequestView): Phase {
  const { plan, apply } = state;
  if (apply !== undefined && !hasEnded(apply.state)) {
    return apply.state === "unknown" ? "unknown" : "applying";
  }
  if (plan !== undefined && !hasEnded(plan.state)) {
    // A plan of an older head is being cancelled and says nothing about this one.
    return plan.headSha === view.headSha ? "planning" : "unplanned";
  }
  const latest = latestOf(plan, apply);
  if (latest === undefined) return "unplanned";
  if (latest.op === "plan") return planPhase(latest, state, view);
  switch (latest.state) {
    case "applied":
      return latest.headSha === view.headSha ? "applied" : "unplanned";
    case "failed":
    case "abandoned":
      return latest.headSha === view.headSha ? "apply_failed" : "unplanned";
    default:
      // The apply never began, so the plan it was made from counts again.
      return plan === undefined ? "unplanned" : planPhase(plan, state, view);
  }
}

function latestOf(plan: Work | undefined, apply: Work | undefined): Work | undefined {
  if (plan === undefined || apply === undefined) return plan ?? apply;
  return plan.seq > apply.seq ? plan : apply;
}

function planPhase(plan: Work, state: DirspaceState, view: PullRequestView): Phase {
  if (plan.headSha !== view.headSha) return "unplanned";
  switch (plan.state) {
    case "planned": {
      const stale = stalenessOf(plan, state, view);
      if (plan.changed === true) return stale === undefined ? "planned" : "stale";
      // Nothing was left to do when it was merged; what others do afterwards is theirs.
      if (view.state === "merged" && plan.stale === undefined) return "unchanged";
      // A base that moved is looked at file by file before it outdates a plan without changes.
      return stale === undefined || (stale.kind === "base_moved" && plan.stale === undefined)
        ? "unchanged"
        : "stale";
    }
    case "waiting":
      return "waiting";
    case "failed":
      return "plan_failed";
    default:
      return "unplanned";
  }
}
