import { count } from "../../base/text.ts";
import type { PlanWhy } from "../../core/reason.ts";
import { JOB_CAP_SETTINGS } from "../../core/schedule/caps.ts";
import type { JobWait } from "../../core/schedule/wait.ts";
import { capWords } from "../cap-words.ts";
import {
  dirspaceName,
  literal,
  literals,
  names,
  pullRequests,
  sentence,
  shortSha,
  subject,
} from "../words.ts";
import { ASKED_DONE, type AskedDoneCode } from "./asked.ts";
import { MERGE_DONE, type MergeDoneCode } from "./merge.ts";
import { QUEUE_DONE, type QueueDoneCode } from "./queue.ts";
import type { ReasonText, Texts } from "./text.ts";

export type DoneCode =
  | "building"
  | "indexing"
  | QueueDoneCode
  | "plan_started"
  | "apply_started"
  | "apply_forced"
  | "autoapprove_started"
  | "gate_approved"
  | "autoapply_started"
  | "order_reached"
  | "run_superseded"
  | "run_finished"
  | "run_failed"
  | "run_cancelled"
  | "run_silent"
  | "issues_left"
  | "reviewers_asked"
  | "reviewers_unasked"
  | "result_refused"
  | "locks_taken"
  | "locks_released"
  | "locks_kept"
  | "unlock_waits"
  | "unlocked"
  | "unlock_forwarded"
  | "all_applied"
  | "cancelled"
  | MergeDoneCode
  | "lock_freed"
  | "now_approved"
  | AskedDoneCode
  | "job_awaited"
  | "job_works"
  | "apply_ready";

/** What happened. */
export const DONE: Texts<DoneCode, ReasonText> = {
  building: ({ what, number }) => ({
    title: what === "tree_builder" ? "Listing the files" : "Building the configuration",
    cause: `Run ${number} runs the script of \`${what}\`. What the change touches is known after that.`,
    next: "Wait: the plan follows by itself in the same CI job.",
  }),
  indexing: ({ number }) => ({
    title: "Reading the code",
    cause:
      `Run ${number} reads which modules and links the code has, as \`indexer\` of the configuration says. ` +
      "What the change touches is known after that.",
    next: "Wait: the plan follows by itself in the same CI job.",
  }),
  ...QUEUE_DONE,
  plan_started: ({ dirspaces, why }) => ({
    title: "Plan started",
    cause: `${names(dirspaces)}: ${PLAN_WHY[why]}.`,
  }),
  apply_started: ({ dirspaces, approvedBy }) => ({
    title: "Apply started",
    cause:
      `${subject(dirspaces, "is", "are")} applied as planned` +
      `${approvedBy.length === 0 ? "" : `, approved by ${literals(approvedBy)}`}.`,
  }),
  apply_forced: ({ login, dirspaces }) => ({
    title: "Applied by force",
    cause: `${literal(login)} had ${names(dirspaces)} applied without what \`apply_requirements\` wants.`,
    next: "Have it reviewed afterwards; who did it and when stays in the history.",
  }),
  autoapprove_started: ({ login, dirspaces, approvedBy }) => ({
    title: "Apply started without a reviewed plan",
    cause:
      `${literal(login)} had ${names(dirspaces)} applied with whatever the engine plans now` +
      `${approvedBy.length === 0 ? "" : `; the commit is approved by ${literals(approvedBy)}`}.`,
    next: "Read what was changed in the output of the run; who did it and when stays in the history.",
  }),
  gate_approved: ({ login, tokens, dirspaces }) => ({
    title: "Gate approved",
    cause: `${literal(login)} approved ${literals(tokens)}, which ${subject(dirspaces, "waits", "wait")} for.`,
    next: "Comment `terrane apply`; who counts is looked up then.",
  }),
  autoapply_started: ({ dirspaces, approvedBy, merged }) => ({
    title: "Applied automatically",
    cause:
      `${subject(dirspaces, "is", "are")} applied as planned, because ` +
      (merged
        ? "the pull request is merged and the configuration says `autoapply` or `auto_apply`"
        : "the configuration says `auto_apply` for the stack") +
      `${approvedBy.length === 0 ? "" : `; approved by ${literals(approvedBy)}`}.`,
  }),
  order_reached: ({ planned, others }) => ({
    title: "What comes first is applied",
    cause: [
      ...(planned.length === 0 ? [] : [`${names(planned)} can be applied now.`]),
      ...(others.length === 0 ? [] : [`${subject(others, "needs", "need")} a plan first.`]),
    ].join(" "),
    next:
      planned.length === 0
        ? "Look at the plan when it is there, then comment `terrane apply`."
        : "Comment `terrane apply`.",
  }),
  run_superseded: ({ head }) => ({
    title: "Run overtaken",
    cause: `The pull request moved on to ${literal(shortSha(head))} while the run was working.`,
  }),
  run_finished: () => ({ title: "Run finished", cause: "The CI job did all its work." }),
  run_failed: ({ message }) => ({
    title: "Run failed",
    cause: message.trim() === "" ? "The CI job ended with an error." : sentence(message),
    next: "Look at the CI job; `terrane plan` tries again.",
  }),
  run_cancelled: () => ({
    title: "Run cancelled",
    cause: "The run was stopped before it had done all its work.",
    next: "`terrane plan` starts again.",
  }),
  run_silent: () => ({
    title: "No sign of life",
    cause:
      "Nothing was heard of the CI job for too long. An apply it had begun may still be working.",
    next: "Look at the CI job and end it there if it hangs.",
  }),
  reviewers_asked: ({ names: asked }) => ({
    title: "Reviews asked for",
    cause: `The gates of the plans name ${literals(asked)}, who ${asked.length === 1 ? "is" : "are"} asked for a review of this commit.`,
  }),
  reviewers_unasked: ({ names: unasked, why, said }) => ({
    title: "A review could not be asked for",
    cause:
      why === "author"
        ? `A gate names ${literals(unasked)}, who opened the pull request and cannot review it.`
        : `A gate names ${literals(unasked)}, who cannot be asked: ${sentence(said ?? "the VCS refuses it")}`,
    next: "The gate holds the apply all the same. Tell somebody who counts for it, or correct whom it names.",
  }),
  issues_left: ({ count: issues }) => ({
    title: "Issues to open",
    cause:
      `The run found what a hook wants said in ${count(issues, "issue")}. ` +
      "Where one about the same dirspace is open, that one is brought up to date.",
  }),
  result_refused: ({ dirspace, apply, said, stays }) => ({
    title: apply ? "An apply reported too late" : "A result came too late",
    cause:
      `A CI job says \`${said}\` of ${literal(dirspace)}, which counts as \`${stays}\` already. ` +
      "The result is kept as evidence and changes nothing here.",
    next: apply
      ? "Compare the CI job's log with the state, then comment `terrane plan`."
      : "`terrane plan` makes a plan that counts.",
  }),
  locks_taken: ({ dirspaces }) => ({
    title: "Locked",
    cause: `${subject(dirspaces, "belongs", "belong")} to this pull request until both applied and merged.`,
    next: "It is let go by itself then; `terrane unlock` gives it up before.",
  }),
  locks_released: ({ dirspaces, why }) => ({
    title: "Locks released",
    cause:
      dirspaces.length === 0
        ? `Nothing is locked any more: ${RELEASED_WHY[why]}.`
        : `${subject(dirspaces, "is", "are")} free: ${RELEASED_WHY[why]}.`,
  }),
  locks_kept: ({ dirspaces, why }) => ({
    title: "Locks kept",
    cause: `${subject(dirspaces, "stays", "stay")} locked: ${KEPT_WHY[why]}.`,
    next: KEPT_NEXT[why],
  }),
  unlock_waits: ({ dirspaces }) => ({
    title: "Unlock waits for an apply",
    cause: `${subject(dirspaces, "is", "are")} being applied. The apply was asked to stop; the lock goes when it has ended.`,
    next: "It goes on by itself. Where the job hangs, end it in the CI system.",
  }),
  unlocked: ({ dirspaces }) => ({
    title: "Unlocked",
    cause:
      dirspaces.length === 0
        ? "The locks were given up."
        : `${subject(dirspaces, "is", "are")} free again.`,
    next: "Plans made before no longer count: `terrane plan` makes new ones.",
  }),
  unlock_forwarded: ({ to }) => ({
    title: "Unlock passed on",
    cause: `The command is passed on to ${pullRequests(to)}, whose own rules decide about it.`,
    next:
      `Look at the ${to.length === 1 ? "comment" : "comments"} of ${pullRequests(to)} for what came of it. ` +
      "For a number that Terrane does not know, nothing happens.",
    pullRequests: to,
  }),
  ...MERGE_DONE,
  cancelled: ({ plans, applies, waited }) => ({
    title: "Cancelled",
    cause: [
      ...(plans.length === 0 ? [] : [`The plans of ${names(plans)} were ended.`]),
      ...(applies.length === 0
        ? []
        : [`The applies of ${names(applies)} were asked to stop; what they have changed stays.`]),
      ...(waited ? ["The place in the queue was given up."] : []),
      ...(plans.length + applies.length === 0 && !waited ? ["The run was ended."] : []),
    ].join(" "),
    next: "`terrane plan` starts again; `terrane unlock` gives up the locks too.",
  }),
  all_applied: () => ({
    title: "All applied",
    cause: "Every affected dirspace is applied or has no changes.",
  }),
  lock_freed: ({ by }) => ({
    title: "A lock was released",
    cause: `Pull request ${by} gave up what this pull request was refused for.`,
    next: "Comment `terrane apply`.",
    pullRequests: [by],
  }),
  now_approved: ({ by }) => ({
    title: "Approved",
    cause: `The approvals that were missing are there: ${literals(by)}.`,
    next: "Comment `terrane apply`.",
  }),
  job_awaited: ({ number, kind, dirspaces, wait }) => ({
    title: "Waits for a CI job",
    ...awaited(`The ${kind} run ${number} of ${names(dirspaces)}`, wait),
  }),
  job_works: ({ number, kind, dirspaces }) => ({
    title: kind === "plan" ? "Being planned" : "Being applied",
    cause: `The CI job of the ${kind} run ${number} works on ${names(dirspaces)}.`,
    next: "It goes on by itself; the output is in the dashboard.",
  }),
  apply_ready: ({ dirspaces }) => ({
    title: "Ready to apply",
    cause: `${subject(dirspaces, "is", "are")} planned, and nothing is known that speaks against the apply.`,
    next: applyNext(dirspaces),
  }),
  ...ASKED_DONE,
};

/** An apply of everything may have to wait for more than these. */
function applyNext(dirspaces: readonly string[]): string {
  const name = dirspaceName(dirspaces[0] ?? "");
  const isPlain = dirspaces.length === 1 && /^[A-Za-z0-9_./-]{1,80}$/.test(name);
  return isPlain
    ? `Comment \`terrane apply dir:${name}\`, or \`terrane apply\` for all of the pull request.`
    : "Comment `terrane apply`.";
}

const PLAN_WHY: Readonly<Record<PlanWhy, string>> = {
  changed: "changed by the pull request",
  asked: "asked for",
  predecessors_applied: "everything that comes first is applied now",
  base_moved: "the base branch moved",
  configuration_moved: "the central configuration moved",
  neighbour_released: "released by another pull request",
  merged: "the pull request was merged",
};

const RELEASED_WHY = {
  applied_and_merged: "applied and merged",
  unlock: "the lock was given up",
  closed_untouched: "the pull request was closed before anything was applied",
  nothing_changed: "there is nothing to apply",
} as const;

const KEPT_WHY = {
  unapplied_after_merge: "merged and not applied yet",
  applied_not_merged: "applied and not merged yet",
  closed_after_apply: "the pull request was closed after the apply",
} as const;

const KEPT_NEXT = {
  unapplied_after_merge: "Comment `terrane apply`, or `terrane unlock` to give the lock up.",
  applied_not_merged: "Merge the pull request, or comment `terrane unlock` to give the lock up.",
  closed_after_apply:
    "Bring the base branch in line with what was applied, then comment `terrane unlock`.",
} as const;

/** The position is the one when it was read. */
function awaited(
  run: string,
  wait: JobWait | undefined,
): Pick<ReasonText, "cause" | "next" | "pullRequests"> {
  if (wait === undefined) {
    return {
      cause: `${run} is there, and no CI job has taken it yet.`,
      next: "It goes on by itself. Where it does not, look at the CI system: a runner may be missing, or all may be busy.",
    };
  }
  if (wait.applyOf !== undefined) {
    return {
      cause: `${run} is queued: the apply of ${pullRequests([wait.applyOf])} has one of its dirspaces.`,
      next: "It goes on by itself when that apply has ended.",
      pullRequests: [wait.applyOf],
    };
  }
  if (wait.caps.length > 0) {
    const settings = wait.caps.map((cap) => `\`${JOB_CAP_SETTINGS[cap.of]}\``);
    return {
      cause: `${run} is queued at position ${wait.position}, and no more CI jobs may run now: ${wait.caps.map(capWords).join(", ")}.`,
      next: `It goes on by itself when a place is free. How many run at once is set by ${settings.join(" and ")}.`,
    };
  }
  return {
    cause: `${run} is queued at position ${wait.position}; ${count(wait.running, "CI job")} of the repository ${wait.running === 1 ? "runs" : "run"} now.`,
    next: "It goes on by itself when a place is free. How many run at once is set by `TERRANE_JOBS_PER_REPOSITORY` and its siblings.",
  };
}
