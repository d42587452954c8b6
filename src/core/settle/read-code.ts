import type { Draft, Need } from "../draft.ts";
import type { CommitSha } from "../ids.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { isPrepared, isUnfilled } from "../run/preparing.ts";
import { isActive, type Run } from "../run/run.ts";
import { startReading } from "../run/start-run.ts";
import { settleLocks } from "./settle-locks.ts";
import { abandonPlan, supersedeOldPlans } from "./supersede.ts";

/**
 * What the change touches shows only once the code of the head is read. One job does that, and plans what it found
 * out to be affected. It is tried once for each head: after that a person says `again`, or it would never end.
 */
export function readCode(
  draft: Draft,
  view: PullRequestView,
  again: boolean,
): Need | { readonly kind: "stopped"; readonly reasons: readonly Reason[] } {
  draft.write({ kind: "observe", view });
  supersedeOldPlans(draft, view);
  const reason = readingOf(draft, view, again);
  draft.because(reason);
  return settleLocks(draft, view) ?? { kind: "stopped", reasons: [reason] };
}

function readingOf(draft: Draft, view: PullRequestView, again: boolean): Reason {
  const last = lastReading(draft.now().runs, view.headSha);
  const isOver = last === undefined || (again && last.code === "not_indexed");
  return isOver ? startReading(draft, view) : last;
}

/** Which job reads the code of this commit, or could not. */
export function lastReading(
  runs: readonly Run[],
  head: CommitSha,
): Extract<Reason, { code: "indexing" | "not_indexed" }> | undefined {
  const own = runs.filter((run) => reads(run) && run.headSha === head);
  const active = own.find(isActive);
  if (active !== undefined) return { code: "indexing", runId: active.id, number: active.number };
  const tried = own.findLast(wasTried);
  if (tried === undefined) return undefined;
  const { id: runId, number, message = "" } = tried;
  return { code: "not_indexed", runId, number, message };
}

function reads({ preparing }: Run): boolean {
  return preparing?.prepares.includes("index") === true;
}

/** What we ended ourselves, because the head moved on or nothing could be planned then, was no try. */
function wasTried({ outcome }: Run): boolean {
  return outcome !== "superseded" && outcome !== "cancelled";
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
