import { unreachable } from "../../base/unreachable.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { RunId } from "../ids.ts";
import { positionOf } from "../lock/queue.ts";
import { lockRefusals } from "../lock/take-locks.ts";
import { openPredecessors, type Phase, stalenessOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { keysIn } from "../rule/rules-of-reason.ts";
import { isActive } from "../run/run.ts";
import { stackOrder } from "../run/stack-order.ts";
import type { JobWait } from "../schedule/wait.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import { stopsEverything, type Wait, waitKindOf } from "./wait.ts";

/** What is known when somebody asks why. */
export interface Standing {
  readonly snapshot: Snapshot;
  readonly view: PullRequestView;
  readonly phases: ReadonlyMap<DirspaceKey, Phase>;
  /** What was said last: of the answer that is shown, and of the newest decision that looked at everything. */
  readonly said: readonly Reason[];
  /** What `apply_requirements` would say now, as far as it is known; undefined where nothing is. */
  readonly requirements: ((state: DirspaceState) => readonly Reason[]) | undefined;
  /** What queued runs wait for, where somebody looked. */
  readonly jobs?: ReadonlyMap<RunId, JobWait> | undefined;
}

/** Everything that one dirspace waits for, what comes first in front; empty where nothing more has to happen. */
export function waitsOf(state: DirspaceState, standing: Standing): readonly Wait[] {
  const phase = standing.phases.get(state.key) ?? "unplanned";
  const stops = standing.said.filter(({ code }) => stopsEverything(code));
  const isBusy = phase === "planning" || phase === "applying" || phase === "unknown";
  // What already works goes on, whatever stops the next step.
  const reasons = stops.length > 0 && !isBusy ? stops : byPhase(state, phase, standing);
  return reasons.flatMap((reason) => {
    const on = waitKindOf(reason.code);
    return on === undefined ? [] : [{ on, reason }];
  });
}

function byPhase(state: DirspaceState, phase: Phase, standing: Standing): readonly Reason[] {
  const { view } = standing;
  const dirspaces = [state.key];
  switch (phase) {
    case "applied":
    case "unchanged":
      return [];
    case "planning":
    case "applying":
      return working(state, standing);
    case "unknown":
      return [{ code: "apply_unknown", dirspaces }];
    case "waiting":
      return [...waiting(state, standing), ...denials(state, standing)];
    case "unplanned":
      return unplanned(state, standing);
    case "stale": {
      const because = state.plan && stalenessOf(state.plan, state, view);
      const reason: Reason =
        because === undefined
          ? { code: "not_planned", dirspaces }
          : { code: "plan_stale", dirspaces, because };
      return [...inFlight(state, standing), reason];
    }
    case "plan_failed":
      return [{ code: "plan_failed", dirspaces }];
    case "apply_failed":
      return [{ code: "plan_stale", dirspaces, because: { kind: "apply_failed" } }];
    case "planned":
      return planned(state, standing);
    default:
      return unreachable(phase);
  }
}

function waiting(state: DirspaceState, { phases }: Standing): readonly Reason[] {
  const waitFor = openPredecessors(state, phases);
  if (waitFor.length === 0) return [];
  const rule = state.affected?.rules?.dependsOn;
  const reason: Reason = { code: "predecessors_unapplied", dirspaces: [state.key], waitFor };
  return [rule === undefined ? reason : { ...reason, rules: [rule] }];
}

/** Who may not has to be told so, before anything else is worth waiting for. */
function denials(state: DirspaceState, { said }: Standing): readonly Reason[] {
  return said.filter((reason) => DENIALS.has(reason.code) && concerns(reason, state.key));
}

const DENIALS: ReadonlySet<Reason["code"]> = new Set([
  "access_denied",
  "no_policy_matches",
  "file_guarded",
  "access_control_off",
]);

function concerns(reason: Reason, key: DirspaceKey): boolean {
  const keys = keysIn(reason);
  return keys.length === 0 || keys.includes(key);
}

function unplanned(state: DirspaceState, standing: Standing): readonly Reason[] {
  const { affected } = state;
  const dirspaces = [state.key];
  const refused = denials(state, standing);
  if (refused.length > 0) return refused;
  const ruled = (reason: Reason, rule: NonNullable<Reason["rules"]>[number] | undefined) => [
    rule === undefined ? reason : { ...reason, rules: [rule] },
  ];
  if (affected?.autoplan === false) {
    return ruled({ code: "autoplan_off", dirspaces }, affected.rules?.autoplan);
  }
  if (standing.view.draft && affected?.autoplanDraft === false) {
    return ruled({ code: "draft_not_planned", dirspaces }, affected.rules?.autoplanDraft);
  }
  return [{ code: "not_planned", dirspaces }];
}

function working(state: DirspaceState, { snapshot, jobs }: Standing): readonly Reason[] {
  const run = snapshot.runs.find(
    (one) => isActive(one) && one.works.some(({ dirspace }) => dirspace === state.key),
  );
  const work = state.apply?.runId === run?.id ? state.apply : state.plan;
  if (run === undefined || work === undefined) return [];
  const about = { runId: run.id, number: run.number, kind: run.kind, dirspaces: [state.key] };
  if (run.state === "running") return [{ code: "job_works", ...about }];
  const wait = run.state === "queued" ? jobs?.get(run.id) : undefined;
  return [{ code: "job_awaited", ...about, ...(wait === undefined ? {} : { wait }) }];
}

function inFlight(state: DirspaceState, { snapshot }: Standing): readonly Reason[] {
  const by = state.inFlight?.number;
  if (by === undefined || by === snapshot.pullRequest.number) return [];
  return [{ code: "apply_in_flight", dirspaces: [state.key], by }];
}

function planned(state: DirspaceState, standing: Standing): readonly Reason[] {
  const { snapshot, view, phases, said, requirements } = standing;
  const position = positionOf(snapshot, view);
  const required =
    requirements === undefined
      ? said.filter(
          ({ code, ...rest }) =>
            isRequirement(code) && concerns({ code, ...rest } as Reason, state.key),
        )
      : requirements(state);
  const blocked = [
    // Locks are contagious: one dirspace in other hands keeps all of the pull request from applying.
    ...lockRefusals(snapshot, view),
    ...(position === undefined ? [] : [position]),
    ...stackOrder([state], snapshot.dirspaces, phases).waiting,
    ...denials(state, standing),
    ...required,
  ];
  return blocked.length > 0 ? blocked : [{ code: "apply_ready", dirspaces: [state.key] }];
}

function isRequirement(code: Reason["code"]): boolean {
  return REQUIREMENTS.has(code);
}

const REQUIREMENTS: ReadonlySet<Reason["code"]> = new Set([
  "not_approved",
  "gate_open",
  "gate_unreadable",
  "gates_unasked",
  "checks_not_passed",
  "reviews_open",
  "mergeability_unknown",
  "merge_conflict",
  "draft",
  "merge_first",
  "no_requirement_matches",
]);
