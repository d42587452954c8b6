import type { ActiveRun, CommentView, DirspaceReport, GateReport } from "../comment/view.ts";
import { asItWas, isHistory } from "../core/lock/history.ts";
import { inTheWay } from "../core/lock/in-the-way.ts";
import { openPredecessors, type Phase, phasesOf, stalenessOf } from "../core/phase.ts";
import { passersOf, standingGates } from "../core/policy/gate.ts";
import type { PullRequestView } from "../core/pull-request.ts";
import { isUnfilled } from "../core/run/preparing.ts";
import type { Failure, StepReport, UnitReport } from "../core/run/report.ts";
import { isActive, type Run } from "../core/run/run.ts";
import { runStanding } from "../core/run/standing.ts";
import type { DirspaceState } from "../core/snapshot.ts";
import type { DirspaceReports, Reported } from "../ports/report-store.ts";

/** Stored state as the comment and the checks show it. */
export function commentView(
  reported: Reported,
  view: PullRequestView,
  dashboardUrl: string | undefined,
): CommentView {
  const { snapshot } = reported;
  const { pullRequest } = snapshot;
  const isOver = isHistory(snapshot);
  const dirspaces = isOver ? snapshot.dirspaces.map(asItWas) : snapshot.dirspaces;
  const phases = phasesOf(dirspaces, view);
  const shown = dirspaces.filter(
    (state) => state.affected !== undefined || state.apply !== undefined,
  );
  return {
    number: pullRequest.number,
    state: view.state,
    draft: view.draft,
    headSha: view.headSha,
    baseRef: view.baseRef,
    dirspaces: shown.map((state) => ({
      ...dirspaceReport(state, phases, view, reported.reports.get(state.key)),
      locks: state.locks,
    })),
    deletedDirs: pullRequest.changeSet?.deletedDirs ?? [],
    diagnostics: pullRequest.changeSet?.warnings ?? [],
    notice: pullRequest.notice,
    showing: pullRequest.changeSet?.showing,
    gates: gateReports(shown, phases, view, pullRequest.gateApprovals),
    hooks: reported.hooks,
    othersFirst: !isOver && inTheWay(snapshot, view).length > 0,
    runs: snapshot.runs.filter(isActive).map((run) => activeRun(run, reported)),
    dashboardUrl,
    generatedAt: reported.readAt,
  };
}

/** Of plans that could be applied: a stale one asks for nothing any more. */
function gateReports(
  states: readonly DirspaceState[],
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
  view: PullRequestView,
  approvals: Reported["snapshot"]["pullRequest"]["gateApprovals"],
): readonly GateReport[] {
  const planned = states.filter(({ key }) => phases.get(key) === "planned");
  return standingGates(planned).map(({ gate, dirspaces }) => ({
    gate,
    dirspaces,
    passedBy: passersOf(gate, view, approvals).map(({ login }) => login),
  }));
}

function activeRun(run: Run, reported: Reported): ActiveRun {
  const standing = runStanding(
    run,
    run.works.map((work) => work.state),
  );
  return {
    number: run.number,
    kind: run.kind,
    state: run.state === "ended" ? "running" : run.state,
    standing: standing === "cancelling" || standing === "unknown" ? standing : undefined,
    reads: isUnfilled(run),
    wait: reported.waits?.get(run.id),
    startedAt: reported.claimedAt.get(run.id),
  };
}

function dirspaceReport(
  state: DirspaceState,
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
  view: PullRequestView,
  reports: DirspaceReports | undefined,
): Omit<DirspaceReport, "locks"> {
  const phase = phases.get(state.key) ?? "unplanned";
  const plan = reports?.plan?.outcome === "planned" ? reports.plan : undefined;
  const applied = reports?.apply?.outcome === "applied" ? reports.apply : undefined;
  const stale = phase === "stale" && state.plan !== undefined;
  return {
    key: state.key,
    dir: state.dirspace.dir,
    workspace: state.dirspace.workspace,
    phase,
    counts: plan?.counts,
    isUncounted: plan?.changed === true && plan.counts === undefined,
    changes: plan?.changes ?? [],
    planText: plan?.text,
    steps: stepsOf(phase, reports),
    failure: failureOf(phase, reports),
    waitingFor: phase === "waiting" ? openPredecessors(state, phases) : [],
    outputs: applied?.outputs ?? [],
    staleBecause:
      stale && state.plan !== undefined ? stalenessOf(state.plan, state, view) : undefined,
  };
}

/** Of what the phase is about: an apply that was begun says more than the plan before it. */
function stepsOf(
  phase: Phase,
  reports: DirspaceReports | undefined,
): readonly StepReport[] | undefined {
  const isApply = phase === "applied" || phase === "apply_failed" || phase === "unknown";
  const report = isApply ? reports?.apply : reports?.plan;
  return report !== undefined && "steps" in report ? report.steps : undefined;
}

/** The failure that the phase is about; a job that died has left only what the server knows. */
function failureOf(phase: Phase, reports: DirspaceReports | undefined): Failure | undefined {
  switch (phase) {
    case "plan_failed":
      return failureIn(reports?.plan, reports?.planBecause, "plan");
    case "apply_failed":
      return failureIn(reports?.apply, reports?.applyBecause, "apply");
    default:
      return undefined;
  }
}

/** What the report says went wrong, or what the server says of a work without one. */
export function failureIn(
  report: UnitReport | undefined,
  because: string | undefined,
  step: string,
): Failure | undefined {
  if (report?.outcome === "failed") return report.failure;
  if (because === undefined) return undefined;
  return { step, message: because, tail: "", exitCode: null, signal: null };
}
