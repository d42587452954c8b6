import { count } from "../base/text.ts";
import type { Annotation } from "../core/annotation.ts";
import type { CommitSha } from "../core/ids.ts";
import type { Phase } from "../core/phase.ts";
import type { Button } from "../core/vcs-event.ts";
import { annotationsOf } from "./annotations.ts";
import { failures } from "./details.ts";
import { diagnostics } from "./diagnostics.ts";
import type { Flavour } from "./flavour.ts";
import { headline } from "./headline.ts";
import { facts } from "./overview.ts";
import { hasErrors, having, isStopped, readingRun } from "./standing.ts";
import { table } from "./table.ts";
import { completed, open, type Verdict } from "./verdict.ts";
import type { CommentView, DirspaceReport } from "./view.ts";
import { shortSha } from "./words.ts";

/** One check for each phase; the verdict lives here, where the author of a change cannot edit it. */
export interface CheckText {
  /** `terrane plan`; of one dirspace `terrane plan: net default`. */
  readonly name: string;
  readonly status: "queued" | "in_progress" | "completed";
  /** Exactly where the status is `completed`. */
  readonly conclusion:
    | "success"
    | "failure"
    | "neutral"
    | "cancelled"
    | "action_required"
    | undefined;
  readonly title: string;
  readonly summary: string;
  /** What people may press beside it. */
  readonly buttons: readonly Button[];
  /** Findings at lines of files; absent where there are none. */
  readonly annotations?: readonly Annotation[];
}

const SUMMARY_CHARS_MAX = 55_000;

/**
 * | | plan | apply |
 * |---|---|---|
 * | the code is read first | in progress | queued |
 * | nothing can be planned | action required | action required |
 * | something of it runs | in progress | in progress |
 * | configuration error | failure | failure |
 * | pull request closed | cancelled, unless it was complete | cancelled, unless it was complete |
 * | nothing affected, nothing changes | success | neutral |
 * | something failed | failure | failure |
 * | something has to be planned (again) | action required | queued |
 * | the rest | success | queued until all is applied, then success |
 *
 * `queued` for an apply that nobody has asked for yet: a required check then holds the merge back.
 */
export function renderChecks(
  view: CommentView,
  flavour: Flavour,
): readonly [plan: CheckText, apply: CheckText] {
  const planned = planSide(view);
  const failedApplies = view.dirspaces.filter(({ phase }) => phase === "apply_failed");
  return [
    {
      name: "terrane plan",
      ...planVerdict(planned),
      summary: summaryOf(planned, flavour),
      buttons: planButtons(view),
      ...annotated(planned),
    },
    {
      name: "terrane apply",
      ...applyVerdict(view),
      summary: summaryOf(view, flavour),
      buttons: applyButtons(view),
      ...annotated({ ...view, diagnostics: [], notice: undefined, dirspaces: failedApplies }),
    },
  ];
}

function annotated(view: CommentView): Pick<CheckText, "annotations"> {
  const annotations = annotationsOf(view);
  return annotations.length === 0 ? {} : { annotations };
}

/** What an older commit still showed as going on. */
export function checkOfOldHead(name: CheckText["name"], head: CommitSha): CheckText {
  const now = `The pull request moved on to \`${shortSha(head)}\`. What counts is shown there.`;
  return {
    name,
    ...completed("cancelled", "Overtaken by a newer commit"),
    summary: now,
    buttons: [],
  };
}

/** What was shown of this commit, and is not part of it any more or not wanted any more. */
export function notShownAnyMore(name: CheckText["name"]): CheckText {
  const summary = "The configuration has changed since, and this is not shown any more.";
  return { name, ...completed("neutral", "Not shown any more"), summary, buttons: [] };
}

/** There is nothing to apply yet, and it is being found out what there will be. */
export function isBeforePlan(view: CommentView): boolean {
  if (hasErrors(view)) return false;
  const some = somePhase(view);
  if (some("planned", "applying", "unknown", "applied", "apply_failed")) return false;
  return some("planning") || readingRun(view) !== undefined;
}

/** Phases of what was planned and is applied, or was tried to. */
const BEYOND_PLAN: ReadonlySet<Phase> = new Set(["applying", "unknown", "applied", "apply_failed"]);

/** Marks what an apply has begun of, or is asked for. */
export function begun(reports: readonly { readonly phase: Phase }[]): { readonly hasBegun?: true } {
  return reports.some(({ phase }) => BEYOND_PLAN.has(phase)) ? { hasBegun: true } : {};
}

/** What the plan found stays true whatever is applied of it, and need not be written again. */
function planSide(view: CommentView): CommentView {
  return {
    ...view,
    runs: view.runs.filter((run) => run.kind !== "apply"),
    dirspaces: view.dirspaces.map((report) =>
      BEYOND_PLAN.has(report.phase)
        ? { ...report, phase: "planned", steps: undefined, failure: undefined, outputs: [] }
        : report,
    ),
  };
}

/** Nothing is done with a pull request that is over. */
function planButtons(view: CommentView): readonly Button[] {
  if (view.state !== "open") return [];
  return somePhase(view)("planning") ? ["why"] : ["plan", "why"];
}

function applyButtons(view: CommentView): readonly Button[] {
  if (view.state === "closed") return [];
  return somePhase(view)("planned", "apply_failed") ? ["apply", "why"] : ["why"];
}

function planVerdict(view: CommentView): Verdict {
  const title = headline(view);
  const some = somePhase(view);
  if (some("planning")) {
    const hasStarted = view.runs.some((run) => run.kind === "plan" && run.state === "running");
    return open(hasStarted ? "in_progress" : "queued", title);
  }
  const reading = readingRun(view);
  if (reading !== undefined) {
    return open(reading.state === "running" ? "in_progress" : "queued", title);
  }
  if (hasErrors(view)) return completed("failure", title);
  if (isStopped(view)) return completed("action_required", title);
  if (some("plan_failed")) return completed("failure", title);
  if (some("stale", "unplanned")) {
    return completed(view.state === "closed" ? "cancelled" : "action_required", title);
  }
  return completed("success", title);
}

function applyVerdict(view: CommentView): Verdict {
  const title = headline(view);
  const some = somePhase(view);
  if (some("unknown")) return open("in_progress", title);
  if (some("applying")) {
    const hasStarted = view.runs.some((run) => run.kind === "apply" && run.state === "running");
    return open(hasStarted ? "in_progress" : "queued", title);
  }
  if (hasErrors(view)) return completed("failure", title);
  if (readingRun(view) !== undefined) return open("queued", title);
  if (isStopped(view)) return completed("action_required", title);
  if (view.dirspaces.length === 0) return completed("neutral", "Nothing to apply");
  if (some("apply_failed")) return completed("failure", title);
  const done = having(view, "applied").length;
  const isDone = done + having(view, "unchanged").length === view.dirspaces.length;
  if (isDone)
    return done > 0 ? completed("success", title) : completed("neutral", "Nothing to apply");
  if (view.state === "closed") return completed("cancelled", title);
  const planned = having(view, "planned").length;
  return open(
    "queued",
    planned > 0 ? `Waiting for apply · ${count(planned, "dirspace")} to apply` : title,
  );
}

function somePhase(view: CommentView): (...phases: readonly Phase[]) => boolean {
  return (...phases: readonly Phase[]) => having(view, ...phases).length > 0;
}

/** Of one dirspace: its row, and what failed of it. */
export function dirspaceSummary(
  view: CommentView,
  report: DirspaceReport,
  flavour: Flavour,
): string {
  const own = { ...view, dirspaces: [report] };
  return [...table(own, flavour), ...failures(own.dirspaces, SUMMARY_CHARS_MAX).sections].join(
    "\n\n",
  );
}

function summaryOf(view: CommentView, flavour: Flavour): string {
  const blocks = [...facts(view), ...diagnostics(view.diagnostics), ...table(view, flavour)];
  const room = SUMMARY_CHARS_MAX - blocks.reduce((sum, block) => sum + block.length + 2, 0);
  return [...blocks, ...failures(view.dirspaces, room).sections].join("\n\n");
}
