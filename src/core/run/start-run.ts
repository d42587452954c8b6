import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { NewRun, NewUnit } from "../decision.ts";
import type { Draft } from "../draft.ts";
import type { Account, AttemptId, EventId, RunId } from "../ids.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { DirspaceState } from "../snapshot.ts";

/** How many dirspaces one job works on at once where nothing is configured. */
export const PARALLEL_DEFAULT = 3;

/** Creates a run for these dirspaces and has its job started. */
export function startRun(
  draft: Draft,
  view: PullRequestView,
  kind: "plan" | "apply",
  states: readonly DirspaceState[],
  actor: Account | undefined,
  forced = false,
): RunId {
  const snapshot = draft.now();
  const index = snapshot.lastRunNumber + 1;
  const run: NewRun = {
    id: runId(draft.event.id, index),
    number: index,
    attemptId: attemptId(draft.event.id, index),
    kind,
    headSha: view.headSha,
    baseSha: view.baseSha,
    checkout: view.state === "merged" ? "base" : "merged",
    parallel: snapshot.pullRequest.changeSet?.parallel ?? PARALLEL_DEFAULT,
    actor,
    forced,
    units: units(kind, states),
  };
  draft.write({ kind: "create_run", run });
  draft.effect({
    kind: "dispatch",
    key: `dispatch:${run.attemptId}`,
    runId: run.id,
    attemptId: run.attemptId,
  });
  return run.id;
}

/** Derived from the event, so that deciding the same event twice starts one run. */
function runId(event: EventId, index: number): RunId {
  return `${event}.${index}` as RunId;
}

/** 128 random bits of the event's id and a number: public, and not a credential. */
function attemptId(event: EventId, index: number): AttemptId {
  return `${event.replaceAll("-", "")}-${index}` as AttemptId;
}

function units(kind: "plan" | "apply", states: readonly DirspaceState[]): readonly NewUnit[] {
  const inRun = new Set(states.map((state) => state.key));
  return states.flatMap((state) => {
    if (state.affected === undefined) return [];
    const after = state.affected.predecessors.map(dirspaceKey).filter((key) => inRun.has(key));
    const plan =
      kind === "apply" && state.plan?.planDigest !== undefined
        ? { runId: state.plan.runId, digest: state.plan.planDigest }
        : undefined;
    return [{ dirspace: state.key, affected: state.affected, after, plan }];
  });
}

export function keysOf(states: readonly DirspaceState[]): readonly DirspaceKey[] {
  return states.map((state) => state.key);
}
