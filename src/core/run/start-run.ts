import type { Affected } from "../change/affected.ts";
import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { NewRun, NewUnit } from "../decision.ts";
import type { Draft } from "../draft.ts";
import type { Account, AttemptId, EventId, RunId } from "../ids.ts";
import type { Inputs } from "../inputs.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import type { DirspaceState } from "../snapshot.ts";
import { batch } from "./batch.ts";

/** How many dirspaces one job works on at once where nothing is configured. */
export const PARALLEL_DEFAULT = 3;

/** What the runs of one command are made from. */
export interface RunRequest {
  readonly kind: "plan" | "apply";
  readonly states: readonly DirspaceState[];
  /** Nobody where it starts by itself. */
  readonly actor: Account | undefined;
  readonly forced?: boolean;
}

export interface StartedRun {
  readonly runId: RunId;
  readonly dirspaces: readonly DirspaceKey[];
}

export interface StartedRuns {
  readonly runs: readonly StartedRun[];
  /** What waits until another of these runs has ended: it comes after something in it. */
  readonly held: readonly Reason[];
}

/** Creates the runs for these dirspaces and has their jobs started: one for each batch. */
export function startRuns(draft: Draft, inputs: Inputs, request: RunRequest): StartedRuns {
  const { config, view } = inputs;
  const states = new Map(request.states.map((state) => [state.key, state]));
  const found = batch(
    request.states.flatMap((state) => state.affected ?? []),
    config.batchRuns,
  );
  const statesOf = (affected: readonly Affected[]) =>
    affected.flatMap(({ dirspace }) => states.get(dirspaceKey(dirspace)) ?? []);
  const runs = found.batches.map((affected) => {
    const own = statesOf(affected);
    return { runId: startRun(draft, view, { ...request, states: own }), dirspaces: keysOf(own) };
  });
  if (found.held.length === 0) return { runs, held: [] };
  const waitFor = found.held.flatMap(({ predecessors }) =>
    predecessors.map(dirspaceKey).filter((key) => states.has(key)),
  );
  const held: Reason = {
    code: "predecessors_unapplied",
    dirspaces: keysOf(statesOf(found.held)),
    waitFor: [...new Set(waitFor)],
  };
  return { runs, held: [held] };
}

function startRun(
  draft: Draft,
  view: PullRequestView,
  { kind, states, actor, forced = false }: RunRequest,
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
