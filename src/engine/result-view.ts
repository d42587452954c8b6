import type { ResultReport, ResultView } from "../comment/result-view.ts";
import { dirspaceOf } from "../core/change/dirspace.ts";
import type { WantedComment } from "../core/notify/wanted-comments.ts";
import type { Phase } from "../core/phase.ts";
import type { StoredResult, StoredRun } from "../ports/result-store.ts";
import { failureIn } from "./comment-view.ts";

/** What a comment about ended runs says, from what is stored of them. */
export function resultView(
  comment: WantedComment,
  run: StoredRun,
  results: readonly StoredResult[],
  where: Pick<ResultView, "number" | "dashboardUrl">,
): ResultView {
  const found = new Map(results.map((one) => [`${one.run} ${one.dirspace}`, resultReport(one)]));
  const reports = (list: WantedComment["own"]) =>
    list.flatMap((one) => found.get(`${one.run} ${one.dirspace}`) ?? []);
  const { number, kind, outcome, headSha, endedAt } = run;
  return {
    ...where,
    run: { number, kind, outcome, headSha, endedAt },
    summary: run.comments?.summary ?? false,
    own: reports(comment.own),
    carried: reports(comment.carried),
  };
}

function resultReport(result: StoredResult): ResultReport {
  const { dirspace: key, op, state, report, because, run } = result;
  const planned = op === "plan" ? report : result.plan;
  const plan = planned?.outcome === "planned" ? planned : undefined;
  const phase = phaseOf(result);
  const isFailed = phase === "plan_failed" || phase === "apply_failed" || phase === "unknown";
  return {
    ...dirspaceOf(key),
    key,
    run,
    phase,
    counts: plan?.counts,
    isUncounted: plan?.changed === true && plan.counts === undefined,
    changes: plan?.changes ?? [],
    planText: plan?.text,
    steps: report !== undefined && "steps" in report ? report.steps : undefined,
    failure: isFailed ? failureIn(report, because, op) : undefined,
    waitingFor: report?.outcome === "waiting" ? report.for : [],
    outputs: report?.outcome === "applied" ? report.outputs : [],
    staleBecause: undefined,
    locks: [],
    notStarted: state === "not_started" ? notStartedBecause(result) : undefined,
  };
}

function notStartedBecause({ report, because }: StoredResult): string {
  return report?.outcome === "not_started" ? report.because : (because ?? "");
}

/** How a work left its dirspace; one that never began left it as it was. */
function phaseOf({ op, state, report }: StoredResult): Phase {
  switch (state) {
    case "planned":
      return report?.outcome === "planned" && !report.changed ? "unchanged" : "planned";
    case "waiting":
      return "waiting";
    case "applied":
      return "applied";
    case "failed":
      return op === "plan" ? "plan_failed" : "apply_failed";
    case "not_started":
      return op === "plan" ? "unplanned" : "planned";
    // Given up by a person; the others are no ends, and a run that has ended has none of them.
    case "abandoned":
    case "queued":
    case "running":
    case "granted":
    case "unknown":
      return "unknown";
  }
}
