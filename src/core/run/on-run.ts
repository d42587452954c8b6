import { unlockNow } from "../command/do/unlock.ts";
import { type Draft, type Need, publish, tellNeighbours } from "../draft.ts";
import type { Happening, RunEnding } from "../event.ts";
import type { Facts } from "../fact.ts";
import type { RunId } from "../ids.ts";
import { settleAndPlan } from "../settle/settle.ts";
import { isActive, type Run, type RunOutcome } from "./run.ts";
import { hasEnded, type WorkState } from "./work.ts";

type Of<K extends Happening["kind"]> = Extract<Happening, { kind: K }>;

/** The CI system took the job. */
export function onDispatched(draft: Draft, what: Of<"run_dispatched">): undefined {
  const run = activeRun(draft, what.runId);
  if (run === undefined) return outdated(draft);
  draft.write({ kind: "dispatched", runId: run.id });
  publish(draft);
  return undefined;
}

/** Results came in. They are in the rows already; what is left is to show them. */
export function onProgress(draft: Draft, what: Of<"run_progressed">): undefined {
  if (activeRun(draft, what.runId) === undefined) return outdated(draft);
  draft.because({ code: "observed" });
  publish(draft);
  return undefined;
}

/** No sign of life. An apply that had its grant becomes `unknown` and keeps its dirspace (S3). */
export function onSilent(draft: Draft, what: Of<"run_went_silent">): undefined {
  const run = activeRun(draft, what.runId);
  if (run === undefined) return outdated(draft);
  for (const work of run.works) {
    if (work.state !== "granted") continue;
    move(draft, run, work.dirspace, "unknown", "the job stopped answering");
  }
  draft.because({ code: "run_silent", runId: run.id });
  publish(draft);
  return undefined;
}

/** The job is positively over: whatever it left open ends now, then the pull request goes on. */
export function onEnded(draft: Draft, facts: Facts, what: Of<"run_ended">): Need | undefined {
  const run = activeRun(draft, what.runId);
  if (run === undefined || run.attemptId !== what.attemptId) return outdated(draft);
  // Its job came after all while this waited to be decided: that nobody came proves nothing any more (S3).
  if (what.how.kind === "never_started" && run.state === "running") return outdated(draft);
  const because = endingText(what.how);
  const open = run.works.filter((work) => !hasEnded(work.state));
  for (const work of open) {
    const began = work.state === "granted" || work.state === "unknown";
    const to: WorkState = run.kind === "apply" && !began ? "not_started" : "failed";
    move(draft, run, work.dirspace, to, because);
  }
  const outcome = outcomeOf(run, what.how, open.length > 0);
  draft.write({ kind: "end_run", runId: run.id, outcome });
  draft.because(
    outcome === "finished"
      ? { code: "run_finished", runId: run.id }
      : outcome === "cancelled"
        ? { code: "run_cancelled", runId: run.id }
        : { code: "run_failed", runId: run.id, message: because },
  );
  if (run.kind === "apply") {
    const touched = draft
      .now()
      .dirspaces.filter(
        (state) => state.apply?.runId === run.id && state.apply.fence !== undefined,
      );
    tellNeighbours(
      draft,
      "applied",
      touched.map((state) => state.key),
    );
  }
  if (draft.now().pullRequest.unlockRequested && !stillApplying(draft)) {
    const need = unlockNow(draft);
    if (need !== undefined) return need;
  }
  return settleAndPlan(draft, facts, "predecessors_applied");
}

function stillApplying(draft: Draft): boolean {
  return draft.now().runs.some((run) => isActive(run) && run.kind === "apply");
}

function activeRun(draft: Draft, id: RunId): Run | undefined {
  return draft.now().runs.find((run) => run.id === id && isActive(run));
}

function outdated(draft: Draft): undefined {
  draft.because({ code: "event_outdated" });
  return undefined;
}

function move(
  draft: Draft,
  run: Run,
  dirspace: Run["works"][number]["dirspace"],
  to: WorkState,
  because: string,
): void {
  draft.write({ kind: "move_work", runId: run.id, dirspace, to, because });
}

function outcomeOf(run: Run, how: RunEnding, leftOpen: boolean): RunOutcome {
  if (run.cancelRequested) return "cancelled";
  switch (how.kind) {
    case "finished":
      return how.failure === undefined ? "finished" : "failed";
    case "ci_ended":
      return leftOpen ? "lost" : "finished";
    case "never_started":
      return "failed";
  }
}

function endingText(how: RunEnding): string {
  switch (how.kind) {
    case "finished":
      return how.failure ?? "the job finished without a result for this";
    case "ci_ended":
      return `the CI job ended (${how.conclusion}) without a result for this`;
    case "never_started":
      return how.message;
  }
}
