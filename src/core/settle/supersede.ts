import type { DirspaceKey } from "../change/dirspace.ts";
import type { Draft } from "../draft.ts";
import type { PullRequestView } from "../pull-request.ts";
import { isUnfilled } from "../run/preparing.ts";
import { isActive, type Run, type RunOutcome } from "../run/run.ts";
import { hasEnded } from "../run/work.ts";

/**
 * Ends the plan runs of heads that are no longer the head. An apply is never superseded: it is left to
 * end by itself, and its result counts for the head it was made from (S13).
 */
export function supersedeOldPlans(draft: Draft, view: PullRequestView): void {
  for (const run of draft.now().runs) {
    if (!isActive(run) || run.kind !== "plan" || run.headSha === view.headSha) continue;
    draft.because({ code: "run_superseded", runId: run.id, head: view.headSha });
    abandonPlan(draft, run, "superseded", "a newer commit was pushed");
  }
}

/** Ends a plan run now; its job is told to stop and whatever it still reports has no effect. */
export function abandonPlan(draft: Draft, run: Run, outcome: RunOutcome, because: string): void {
  for (const work of run.works) {
    if (hasEnded(work.state)) continue;
    draft.write({
      kind: "move_work",
      runId: run.id,
      dirspace: work.dirspace,
      to: "not_started",
      because,
    });
  }
  const message = isUnfilled(run) ? { message: because } : {};
  draft.write({ kind: "end_run", runId: run.id, outcome, ...message });
  requestCancel(draft, run);
}

export function requestCancel(draft: Draft, run: Run): void {
  if (run.cancelRequested) return;
  draft.write({ kind: "request_cancel", runId: run.id });
  draft.effect({
    kind: "cancel",
    key: `cancel:${run.attemptId}`,
    runId: run.id,
    attemptId: run.attemptId,
  });
}

/** Active plan runs that work on any of these dirspaces. */
export function plansOverlapping(
  runs: readonly Run[],
  keys: ReadonlySet<DirspaceKey>,
): readonly Run[] {
  return runs.filter(
    (run) =>
      isActive(run) &&
      run.kind === "plan" &&
      run.works.some((work) => keys.has(work.dirspace) && !hasEnded(work.state)),
  );
}
