import { orderOf, type Wanted } from "../build/builder.ts";
import type { Affected } from "../change/affected.ts";
import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { Config } from "../config/config.ts";
import type { FilledRun, NewRun, NewUnit } from "../decision.ts";
import type { Draft } from "../draft.ts";
import type { Account, AttemptId, EventId, RunId } from "../ids.ts";
import type { Inputs } from "../inputs.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { type Expected, expectRun, expectWorks } from "../schedule/expected.ts";
import type { DirspaceState } from "../snapshot.ts";
import { batch } from "./batch.ts";
import { basisOf } from "./plan-basis.ts";
import { isUnfilled } from "./preparing.ts";
import type { Run } from "./run.ts";
import { type RunSettings, toldSettings } from "./settings.ts";
import type { Work } from "./work.ts";

/** How many dirspaces one job works on at once where nothing is configured. */
export const PARALLEL_DEFAULT = 3;

/** What the runs of one command are made from. */
export interface RunRequest {
  readonly kind: "plan" | "apply";
  readonly states: readonly DirspaceState[];
  /** Nobody where it starts by itself. */
  readonly actor: Account | undefined;
  readonly forced?: boolean;
  /** Without a plan that was reviewed. */
  readonly autoApprove?: boolean;
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

/**
 * Creates the runs for these dirspaces and has their jobs started: one for each batch. A job that read the code, and
 * so waits for dirspaces, gets the first batch that may run there.
 */
export function startRuns(draft: Draft, inputs: Inputs, request: RunRequest): StartedRuns {
  const { config, view } = inputs;
  const states = new Map(request.states.map((state) => [state.key, state]));
  const expected = expectWorks(draft.now().dirspaces, request.kind);
  const found = batch(
    request.states.flatMap((state) => state.affected ?? []),
    config.batchRuns,
    expected.isGuess ? undefined : ({ dirspace }) => expected.unitMs(dirspaceKey(dirspace)),
  );
  const statesOf = (affected: readonly Affected[]) =>
    affected.flatMap(({ dirspace }) => states.get(dirspaceKey(dirspace)) ?? []);
  let waiting = request.kind === "plan" ? waitingRun(draft, view) : undefined;
  const runs = found.batches.map((affected) => {
    const mine = statesOf(affected);
    const settings = toldSettings(config, request.kind, affected);
    const own = { ...request, states: mine, expected, settings, config };
    if (waiting === undefined || !affected.every(runsAnywhere)) {
      return { runId: startRun(draft, view, own), dirspaces: keysOf(mine) };
    }
    const { id } = waiting;
    draft.write({ kind: "fill_run", run: filledRun(draft, view, waiting, own) });
    waiting = undefined;
    return { runId: id, dirspaces: keysOf(mine) };
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

/** Has a job read the code of the head before it is known what it works on. */
export function startReading(draft: Draft, view: PullRequestView, wanted: Wanted): RunId {
  const expected = expectWorks([], "plan");
  const request = { kind: "plan", states: [], actor: undefined, expected } as const;
  const order = orderOf(wanted);
  return startRun(draft, view, request, {
    prepares: [wanted.what],
    ...(order === undefined ? {} : { order }),
  });
}

function waitingRun(draft: Draft, { headSha, state }: PullRequestView): Run | undefined {
  if (state === "merged") return undefined;
  return draft.now().runs.find((run) => isUnfilled(run) && run.headSha === headSha);
}

/** The job was started before it was known what for: without an environment, on the usual machine. */
function runsAnywhere({ workflow: { environment, runsOn } }: Affected): boolean {
  return environment === undefined && runsOn === undefined;
}

interface Request extends RunRequest {
  readonly expected: Expected;
  readonly settings?: RunSettings;
  /** Absent while it is not known what to work on. */
  readonly config?: Config;
}

function startRun(
  draft: Draft,
  view: PullRequestView,
  request: Request,
  preparing: Pick<NewRun, "prepares" | "order"> = {},
): RunId {
  const index = draft.now().lastRunNumber + 1;
  const own = { id: runId(draft.event.id, index), number: index };
  const filled = filledRun(draft, view, own, request);
  const run: NewRun = {
    ...filled,
    attemptId: attemptId(draft.event.id, index),
    forced: request.forced ?? false,
    ...(request.autoApprove === true ? { autoApprove: true } : {}),
    ...preparing,
    // What its job works on may not be known yet.
    ...(filled.units.length === 0
      ? {}
      : { expected: expectRun(request.expected, filled.units, filled.parallel) }),
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

function filledRun(
  draft: Draft,
  view: PullRequestView,
  { id, number }: Pick<Run, "id" | "number">,
  request: Request,
): FilledRun {
  const { kind, actor, settings } = request;
  return {
    id,
    number,
    kind,
    headSha: view.headSha,
    baseSha: view.baseSha,
    checkout: view.state === "merged" ? "base" : "merged",
    parallel: draft.now().pullRequest.changeSet?.parallel ?? PARALLEL_DEFAULT,
    actor,
    units: units(request),
    ...(settings === undefined ? {} : { settings }),
  };
}

/** Derived from the event, so that deciding the same event twice starts one run. */
function runId(event: EventId, index: number): RunId {
  return `${event}.${index}` as RunId;
}

/** 128 random bits of the event's id and a number: public, and not a credential. */
function attemptId(event: EventId, index: number): AttemptId {
  return `${event.replaceAll("-", "")}-${index}` as AttemptId;
}

function units({ kind, states, autoApprove, expected, config }: Request): readonly NewUnit[] {
  const inRun = new Set(states.map((state) => state.key));
  return states.flatMap((state) => {
    const { affected } = state;
    if (affected === undefined) return [];
    const after = affected.predecessors.map(dirspaceKey).filter((key) => inRun.has(key));
    const plan =
      kind === "apply" && autoApprove !== true && state.plan?.planDigest !== undefined
        ? planOf(state.plan, state.plan.planDigest)
        : undefined;
    const expectedMs = expected.unitMs(state.key);
    const basis =
      kind === "apply" || config === undefined ? {} : { basis: basisOf(affected, config) };
    return [{ dirspace: state.key, affected, after, plan, expectedMs, ...basis }];
  });
}

function planOf(plan: Work, digest: string): NonNullable<NewUnit["plan"]> {
  const { gates } = plan;
  return { runId: plan.runId, digest, ...(gates === undefined ? {} : { gates }) };
}

export function keysOf(states: readonly DirspaceState[]): readonly DirspaceKey[] {
  return states.map((state) => state.key);
}
