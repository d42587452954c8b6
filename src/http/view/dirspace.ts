import type { DirspaceReport } from "../../comment/view.ts";
import type { DirspaceView, ProgressView } from "../../contract/views.ts";
import { becauseText } from "../../core/change/because-text.ts";
import { type DirspaceKey, dirspaceKey } from "../../core/change/dirspace.ts";
import type { Phase } from "../../core/phase.ts";
import type { PlanFacts } from "../../core/run/report.ts";
import type { DirspaceState } from "../../core/snapshot.ts";
import { plannedWith } from "./plan-facts.ts";
import { iso, lockText, staleText } from "./words.ts";

const CHANGES_SHOWN_MAX = 1_000;
/** All plan texts of one answer together; the rest is in the runs' output. */
const PLAN_TEXT_CHARS_MAX = 4_000_000;

const BUCKET: Readonly<Record<Phase, Exclude<keyof ProgressView, "total">>> = {
  planned: "changed",
  unchanged: "unchanged",
  plan_failed: "failed",
  apply_failed: "failed",
  planning: "running",
  applying: "running",
  unknown: "running",
  applied: "applied",
  unplanned: "waiting",
  // Nobody can apply it before it is planned again.
  stale: "waiting",
  waiting: "waiting",
};

export function progressOf(phases: readonly Phase[]): ProgressView {
  const progress = { changed: 0, unchanged: 0, failed: 0, running: 0, applied: 0, waiting: 0 };
  for (const phase of phases) progress[BUCKET[phase]] += 1;
  return { total: phases.length, ...progress };
}

/** The dirspaces of one pull request, by wave, then by name. */
export function dirspaceViews(
  reports: readonly DirspaceReport[],
  states: readonly DirspaceState[],
  facts: (key: DirspaceKey) => PlanFacts | undefined,
): DirspaceView[] {
  const byKey = new Map(states.map((state) => [state.key, state]));
  let room = PLAN_TEXT_CHARS_MAX;
  const views = reports.map((report) => {
    const state = byKey.get(report.key);
    room -= report.planText?.length ?? 0;
    const made = plannedWith(facts(report.key));
    const view = dirspaceView(report, state, room >= 0);
    return made === undefined ? view : { ...view, plannedWith: made };
  });
  return views.sort((a, b) => a.wave - b.wave || (a.key < b.key ? -1 : 1));
}

function dirspaceView(
  report: DirspaceReport,
  state: DirspaceState | undefined,
  withText: boolean,
): DirspaceView {
  const affected = state?.affected;
  return {
    key: report.key,
    dir: report.dir,
    workspace: report.workspace,
    phase: report.phase,
    because: (affected?.because ?? []).map(becauseText),
    tags: [...(affected?.tags ?? [])],
    wave: affected?.wave ?? 0,
    predecessors: (affected?.predecessors ?? []).map(dirspaceKey),
    waitingFor: [...report.waitingFor],
    counts: report.counts ?? null,
    changes: report.changes
      .slice(0, CHANGES_SHOWN_MAX)
      .map((change) => ({ ...change, replacePaths: [...change.replacePaths] })),
    planText: withText ? (report.planText ?? null) : null,
    failure: report.failure ?? null,
    outputs: report.outputs.map(({ name, sensitive, value }) => ({ name, sensitive, value })),
    staleBecause: report.staleBecause === undefined ? null : staleText(report.staleBecause),
    lockedBy: report.locks.map((lock) => ({
      number: lock.pullRequest,
      because: lockText(lock.because),
      since: iso(lock.since),
    })),
    planRun: state?.plan?.runId ?? null,
    applyRun: state?.apply?.runId ?? null,
  };
}
