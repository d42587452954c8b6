import { compareText } from "../core/change/dirspace.ts";
import { stopOf } from "../core/notice.ts";
import type { Phase } from "../core/phase.ts";
import type { ChangeCounts } from "../core/run/work.ts";
import type { ActiveRun, CommentView, DirspaceReport } from "./view.ts";

/** What needs eyes comes first: what failed, what is in doubt, what changes, then what waits. */
const RANK: Readonly<Record<Phase, number>> = {
  apply_failed: 0,
  plan_failed: 1,
  unknown: 2,
  applying: 3,
  stale: 4,
  planned: 5,
  applied: 6,
  planning: 7,
  waiting: 8,
  unplanned: 9,
  unchanged: 10,
};

/** Whether the counts and changes of the latest plan still say something about the dirspace. */
const COUNTS_HOLD: Readonly<Record<Phase, boolean>> = {
  apply_failed: true,
  plan_failed: false,
  unknown: true,
  applying: true,
  stale: false,
  planned: true,
  applied: true,
  planning: false,
  waiting: false,
  unplanned: false,
  unchanged: false,
};

export function countsOf(report: DirspaceReport): ChangeCounts | undefined {
  return COUNTS_HOLD[report.phase] ? report.counts : undefined;
}

/** It has changes, and whoever planned them did not count them. */
export function isUncounted(report: DirspaceReport): boolean {
  return COUNTS_HOLD[report.phase] && report.isUncounted;
}

/** In the order of every list: by what needs eyes, then by what would be destroyed, then by name. */
export function inOrder(reports: readonly DirspaceReport[]): readonly DirspaceReport[] {
  return reports.toSorted(
    (a, b) =>
      RANK[a.phase] - RANK[b.phase] ||
      destroyed(b) - destroyed(a) ||
      compareText(a.dir, b.dir) ||
      compareText(a.workspace, b.workspace),
  );
}

export function having(
  view: Pick<CommentView, "dirspaces">,
  ...phases: readonly Phase[]
): readonly DirspaceReport[] {
  return view.dirspaces.filter((report) => phases.includes(report.phase));
}

export function hasErrors(view: Pick<CommentView, "diagnostics">): boolean {
  return view.diagnostics.some((found) => found.severity === "error");
}

/** The run that reads the code before anything else is known. */
export function readingRun({ runs }: Pick<CommentView, "runs">): ActiveRun | undefined {
  return runs.find(({ reads }) => reads);
}

/** Nothing is planned, and not because there is nothing to plan. */
export function isStopped({ dirspaces, notice }: CommentView): boolean {
  return stopOf(notice) !== undefined && dirspaces.length === 0;
}

function destroyed(report: DirspaceReport): number {
  const counts = countsOf(report);
  return counts === undefined ? 0 : counts.delete + counts.replace;
}
