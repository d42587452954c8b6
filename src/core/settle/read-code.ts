import { orderOf, type Wanted } from "../build/builder.ts";
import type { Draft, Need } from "../draft.ts";
import type { CommitSha, RunId } from "../ids.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { isPrepared, isUnfilled, type Preparation, stageOf } from "../run/preparing.ts";
import type { Run } from "../run/run.ts";
import { startReading } from "../run/start-run.ts";
import { settleLocks } from "./settle-locks.ts";
import { abandonPlan, supersedeOldPlans } from "./supersede.ts";

/** A job finds out what is missing, or has not been able to. */
export type Reading = Extract<
  Reason,
  { code: "indexing" | "not_indexed" | "building" | "not_built" }
>;

/**
 * What the change touches shows only once builders have run and the code of the head is read. One job does all of
 * that, and plans what it found out to be affected. It is tried once for each head and builder: after that a person
 * says `again`, or it would never end.
 */
export function readCode(
  draft: Draft,
  view: PullRequestView,
  wanted: Wanted,
  again: boolean,
): Need | { readonly kind: "stopped"; readonly reasons: readonly Reason[] } {
  draft.write({ kind: "observe", view });
  supersedeOldPlans(draft, view);
  const reason = readingOf(draft, view, wanted, again);
  draft.because(reason);
  return settleLocks(draft, view) ?? { kind: "stopped", reasons: [reason] };
}

function readingOf(draft: Draft, view: PullRequestView, wanted: Wanted, again: boolean): Reason {
  const { what } = wanted;
  const waiting = waitingJob(draft.now().runs, view.headSha);
  if (waiting !== undefined && isPrepared(waiting.preparing)) {
    const order = orderOf(wanted);
    const { id: runId } = waiting;
    draft.write({ kind: "prepare_next", runId, what, ...(order === undefined ? {} : { order }) });
  }
  const last = lastReading(draft.now().runs, view.headSha, what);
  if (last !== undefined && (isReading(last) || !again)) return last;
  const number = draft.now().lastRunNumber + 1;
  return reading(what, startReading(draft, view, wanted), number);
}

/** Which job finds this out, or could not. */
export function lastReading(
  runs: readonly Run[],
  head: CommitSha,
  what: Preparation,
): Reading | undefined {
  const active = waitingJob(runs, head);
  if (active !== undefined) return reading(what, active.id, active.number);
  const tried = runs.findLast((run) => run.headSha === head && wasTried(run, what));
  if (tried === undefined) return undefined;
  const { id: runId, number, message = "" } = tried;
  return failedReading(what, { runId, number, message });
}

/** Whatever else its job finds out now, this comes after it. */
function waitingJob(runs: readonly Run[], head: CommitSha) {
  return runs.filter(isUnfilled).find((run) => run.headSha === head);
}

/** What we ended ourselves, because the head moved on or nothing could be planned then, was no try. */
function wasTried({ outcome, preparing }: Run, what: Preparation): boolean {
  return (
    preparing?.prepares.includes(what) === true &&
    outcome !== undefined &&
    outcome !== "superseded" &&
    outcome !== "cancelled"
  );
}

function reading(what: Preparation, runId: RunId, number: number): Reading {
  const stage = stageOf(what);
  return stage === "index"
    ? { code: "indexing", runId, number }
    : { code: "building", what: `${stage}_builder`, runId, number };
}

function failedReading(
  what: Preparation,
  run: { readonly runId: RunId; readonly number: number; readonly message: string },
): Reading {
  const stage = stageOf(what);
  return stage === "index"
    ? { code: "not_indexed", ...run }
    : { code: "not_built", what: `${stage}_builder`, ...run };
}

/** A job is at it: nobody has to do anything. */
export function isReading(
  reason: Reason,
): reason is Extract<Reading, { code: "indexing" | "building" }> {
  return reason.code === "indexing" || reason.code === "building";
}

/** Everything is decided that the code was read for: a job that got nothing to work on has nothing to wait for. */
export function endUnfilled(draft: Draft, view: PullRequestView): void {
  for (const run of draft.now().runs) {
    if (!isUnfilled(run) || run.headSha !== view.headSha) continue;
    if (isPrepared(run.preparing)) {
      draft.write({ kind: "end_run", runId: run.id, outcome: "finished" });
      draft.because({ code: "run_finished", runId: run.id });
    } else if (run.preparing.command === undefined) {
      // Another pull request of the same commit had its job read it first.
      abandonPlan(draft, run, "cancelled", "the code was read by another job");
      draft.because({ code: "run_cancelled", runId: run.id });
    }
  }
}
