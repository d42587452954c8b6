import { onCommand } from "../command/do/on-command.ts";
import { unlockNow } from "../command/do/unlock.ts";
import { type Draft, type Need, publish, tellNeighbours } from "../draft.ts";
import type { Happening, RunEnding } from "../event.ts";
import type { Facts } from "../fact.ts";
import type { RunId } from "../ids.ts";
import { keepingStop } from "../notice.ts";
import { askReviewers } from "../policy/reviewers.ts";
import { settleAndPlan } from "../settle/settle.ts";
import { abandonPlan } from "../settle/supersede.ts";
import { isPrepared, isUnfilled, type WaitingCommand } from "./preparing.ts";
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

/** Results came in. They are in the rows already; what is left is to show them, or to go on with what they tell. */
export function onProgress(
  draft: Draft,
  facts: Facts,
  what: Of<"run_progressed">,
): Need | undefined {
  const run = draft.now().runs.find(({ id }) => id === what.runId);
  if (run === undefined) return outdated(draft);
  const { preparing } = run;
  // What comes after the end is shown, and moves nothing (S27).
  if (isActive(run) && preparing !== undefined && isPrepared(preparing)) {
    const { command } = preparing;
    if (command !== undefined) return resume(draft, facts, run.id, command);
    if (isUnfilled(run)) return settleAndPlan(draft, facts, "changed");
  }
  draft.because({ code: "observed" });
  askReviewers(draft);
  publish(draft);
  return undefined;
}

/** The code is read, so the command that waited for it is carried out; then whatever else is due is planned. */
function resume(
  draft: Draft,
  facts: Facts,
  runId: RunId,
  { text, actor }: WaitingCommand,
): Need | undefined {
  draft.write({ kind: "remember_command", runId, command: undefined });
  const need = onCommand(draft, facts, { text, actor, commentId: undefined });
  return need ?? settleAndPlan(draft, facts, "changed");
}

/** No sign of life. An apply that had its grant becomes `unknown` and keeps its dirspace (S3). */
export function onSilent(
  draft: Draft,
  facts: Facts,
  what: Of<"run_went_silent">,
): Need | undefined {
  const run = activeRun(draft, what.runId);
  if (run === undefined) return outdated(draft);
  if (isUnfilled(run)) return giveUpReading(draft, facts, run);
  for (const work of run.works) {
    if (work.state !== "granted") continue;
    move(draft, run, work.dirspace, "unknown", "the job stopped answering");
  }
  draft.because({ code: "run_silent", runId: run.id });
  publish(draft);
  return undefined;
}

/** It holds nothing, so nobody has to wait for the proof of its end. */
function giveUpReading(draft: Draft, facts: Facts, run: Run): Need | undefined {
  draft.because({ code: "run_silent", runId: run.id });
  abandonPlan(draft, run, "lost", "the job stopped answering before it had read the code");
  return settleAndPlan(draft, facts, "changed");
}

/** S27, S28: it is kept as evidence and changes nothing; where something may have been applied, people must know. */
export function onRefusedResult(draft: Draft, what: Of<"result_refused">): undefined {
  const { runId, dirspace, said, stays } = what;
  const state = draft.now().dirspaces.find((one) => one.key === dirspace);
  const apply = state?.apply?.runId === runId || said === "applied";
  const reason = { code: "result_refused", runId, dirspace, apply, said, stays } as const;
  draft.because(reason);
  if (!apply) return undefined;
  const notice = {
    at: draft.event.at,
    command: undefined,
    actor: undefined,
    outcome: "information",
    reasons: [reason],
  } as const;
  const before = draft.now().pullRequest.notice;
  draft.write({ kind: "set_notice", notice: keepingStop(before, notice) });
  publish(draft);
  return undefined;
}

/** The job is positively over: whatever it left open ends now, then the pull request goes on. */
export function onEnded(draft: Draft, facts: Facts, what: Of<"run_ended">): Need | undefined {
  const run = activeRun(draft, what.runId);
  if (run === undefined || run.attemptId !== what.attemptId) return outdated(draft);
  // Somebody has its grant: then only the CI system's word, or the job's own, is proof (S3).
  const applies = run.works.some((work) => work.state === "granted" || work.state === "unknown");
  if (what.how.kind === "given_up" && applies) return outdated(draft);
  // Its job came after all while this waited to be decided: that nobody came proves nothing any more (S3).
  if (what.how.kind === "never_started" && run.state === "running") return outdated(draft);
  const because = endingText(what.how);
  const open = run.works.filter((work) => !hasEnded(work.state));
  for (const work of open) {
    const began = work.state === "granted" || work.state === "unknown";
    const to: WorkState = run.kind === "apply" && !began ? "not_started" : "failed";
    move(draft, run, work.dirspace, to, because);
  }
  const unread = isUnfilled(run) && !isPrepared(run.preparing);
  const outcome = outcomeOf(run, what.how, open.length > 0 || unread);
  const message = unread ? { message: unreadText(what.how) } : {};
  draft.write({ kind: "end_run", runId: run.id, outcome, ...message });
  draft.because(
    outcome === "finished"
      ? { code: "run_finished", runId: run.id }
      : outcome === "cancelled"
        ? { code: "run_cancelled", runId: run.id }
        : { code: "run_failed", runId: run.id, message: because },
  );
  openIssues(draft, run);
  askReviewers(draft);
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

/** Whatever became of the run: what its job found out before that stays true. */
function openIssues(draft: Draft, { id, issues = 0 }: Run): void {
  if (issues === 0) return;
  draft.effect({ kind: "open_issues", key: `issues:${id}`, runId: id });
  draft.because({ code: "issues_left", runId: id, count: issues });
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
    case "given_up":
      return "lost";
  }
}

function unreadText(how: RunEnding): string {
  switch (how.kind) {
    case "finished":
      return how.failure ?? "the job ended without having read the code; its runner may be too old";
    case "ci_ended":
      return `the CI job ended (${how.conclusion}) before it had read the code`;
    case "never_started":
    case "given_up":
      return how.message;
  }
}

function endingText(how: RunEnding): string {
  switch (how.kind) {
    case "finished":
      return how.failure ?? "the job finished without a result for this";
    case "ci_ended":
      return `the CI job ended (${how.conclusion}) without a result for this`;
    case "never_started":
    case "given_up":
      return how.message;
  }
}
