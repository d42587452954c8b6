import { truncateMiddle } from "../base/text.ts";
import { compareText } from "../core/change/dirspace.ts";
import { digestOf } from "../core/digest.ts";
import type { Phase } from "../core/phase.ts";
import { begun, dirspaceSummary } from "./checks.ts";
import type { Flavour } from "./flavour.ts";
import { signs } from "./headline.ts";
import type { PlacedCheck, ShownPhase } from "./placed-check.ts";
import { hasErrors, isStopped, readingRun } from "./standing.ts";
import { completed, open, type Verdict } from "./verdict.ts";
import type { CommentView, DirspaceReport } from "./view.ts";
import { dirspaceName, enumerate } from "./words.ts";

/**
 * What only shows that work goes on says the same for as long as it does: each of these is a write of its own, and there are
 * two for each dirspace. Where no title is given, it is what the plan counted.
 */
const VERDICTS: Readonly<Record<Phase, Readonly<Record<ShownPhase, Verdict>>>> = {
  unplanned: {
    plan: completed("action_required", "Not planned"),
    apply: open("queued", "Not planned"),
  },
  waiting: { plan: open("queued", "Waiting"), apply: open("queued", "Waiting") },
  planning: { plan: open("in_progress", "Planning"), apply: open("queued", "Planning") },
  planned: { plan: completed("success", ""), apply: open("queued", "Waiting for apply") },
  unchanged: {
    plan: completed("success", "No changes"),
    apply: completed("neutral", "Nothing to apply"),
  },
  stale: { plan: completed("action_required", "Plan again"), apply: open("queued", "Plan again") },
  plan_failed: { plan: completed("failure", "Plan failed"), apply: open("queued", "Plan failed") },
  applying: { plan: completed("success", ""), apply: open("in_progress", "Applying") },
  unknown: { plan: completed("success", ""), apply: open("in_progress", "Apply in doubt") },
  applied: { plan: completed("success", ""), apply: completed("success", "Applied") },
  apply_failed: { plan: completed("success", ""), apply: completed("failure", "Apply failed") },
};

/** Two for each dirspace, in the order of their names. */
export function renderDirspaceChecks(view: CommentView, flavour: Flavour): readonly PlacedCheck[] {
  return view.dirspaces
    .toSorted((a, b) => compareText(a.dir, b.dir) || compareText(a.workspace, b.workspace))
    .flatMap((report) => {
      const summary = dirspaceSummary(view, report, flavour);
      return (["plan", "apply"] as const).map((phase) => ({
        phase,
        ...begun([report]),
        text: {
          name: `terrane ${phase}: ${shownName(report)}`,
          ...verdictOf(report, phase, view),
          summary,
          buttons: [],
        },
      }));
    });
}

function verdictOf(report: DirspaceReport, phase: ShownPhase, view: CommentView): Verdict {
  const verdict = VERDICTS[report.phase][phase];
  if (report.phase === "applying" || report.phase === "unknown") return titled(verdict, report);
  if (report.phase === "unplanned" && readingRun(view) !== undefined) {
    return open("queued", "Reading the code");
  }
  if (verdict.status === "completed") return titled(verdict, report);
  // Nothing goes on for these: what a branch waits for ends, and says why.
  if (view.state === "closed") return completed("cancelled", "Closed");
  if (hasErrors(view)) return completed("failure", "Configuration error");
  if (isStopped(view)) return completed("action_required", "Not planned");
  if (report.phase === "waiting") {
    return open("queued", `Waits for ${enumerate(report.waitingFor.map(dirspaceName))}`);
  }
  return verdict;
}

function titled(verdict: Verdict, report: DirspaceReport): Verdict {
  if (verdict.title !== "") return verdict;
  const { counts } = report;
  return { ...verdict, title: counts === undefined ? "Planned" : signs(counts) };
}

/** The part of a name that is the dirspace's; forges cut names, or refuse them, at 255 characters. */
const NAME_CHARS_MAX = 180;
const DIGEST_CHARS = 8;

/** `net default`. Two long names that differ only in their middle still differ. */
function shownName({ dir, workspace }: DirspaceReport): string {
  const name = `${dir} ${workspace}`;
  if (name.length <= NAME_CHARS_MAX) return name;
  const mark = digestOf(name).slice(0, DIGEST_CHARS);
  return `${truncateMiddle(name, NAME_CHARS_MAX - DIGEST_CHARS - 1)} ${mark}`;
}
