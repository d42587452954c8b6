import type { JobWaitView, RunSummary, RunUnitView, RunView } from "../../contract/views.ts";
import type { Failure } from "../../contract/work.ts";
import { runStanding, workStanding } from "../../core/run/standing.ts";
import type { JobWait } from "../../core/schedule/wait.ts";
import type { RunRecord, RunUnitRecord } from "../../ports/view-store.ts";
import { destructiveOf } from "./plan-facts.ts";
import { iso, isoOrNull } from "./words.ts";

export function runSummary(run: RunRecord, wait?: JobWait): RunSummary {
  const { repository } = run.pullRequest;
  return {
    id: run.id,
    number: run.number,
    repository: repository.ref.fullName,
    repositoryId: repository.id,
    pullRequest: run.pullRequest.number,
    kind: run.kind,
    state: run.state,
    standing: runStanding(run, run.isUnknown ? ["unknown"] : []),
    outcome: run.outcome ?? null,
    headSha: run.headSha,
    actor: run.actor ?? null,
    createdAt: iso(run.createdAt),
    claimedAt: isoOrNull(run.claimedAt),
    endedAt: isoOrNull(run.endedAt),
    units: run.units,
    unitsEnded: run.unitsEnded,
    unitsFailed: run.unitsFailed,
    ciUrl: run.ciUrl ?? null,
    ...(wait === undefined || run.state !== "queued" ? {} : { wait: waitView(wait) }),
  };
}

function waitView({ position, running, caps, applyOf }: JobWait): JobWaitView {
  return { position, running, caps: [...caps], applyOf: applyOf ?? null };
}

export function runView(run: RunRecord, units: readonly RunUnitRecord[], wait?: JobWait): RunView {
  return {
    ...runSummary(run, wait),
    unitList: units.map((unit) => unitView(run, unit)),
    message: run.message ?? null,
  };
}

function unitView(run: RunRecord, unit: RunUnitRecord): RunUnitView {
  const { report } = unit;
  const destructive = destructiveOf(report);
  return {
    key: unit.key,
    dir: unit.dir,
    workspace: unit.workspace,
    state: unit.state,
    standing: workStanding(run, unit.state),
    changed: unit.changed ?? null,
    counts: report?.outcome === "planned" ? (report.counts ?? null) : null,
    ...(destructive === undefined ? {} : { destructive }),
    failure: failureOf(unit),
    startedAt: isoOrNull(unit.startedAt),
    endedAt: isoOrNull(unit.endedAt),
    durationMs: unit.durationMs ?? null,
    outputChunks: unit.outputChunks,
  };
}

/** Also for what never started: the reason is what a person wants to read there. */
function failureOf({ report, because }: RunUnitRecord): Failure | null {
  if (report?.outcome === "failed") return report.failure;
  const message = report?.outcome === "not_started" ? report.because : because;
  if (message === undefined) return null;
  return { step: "start", message, tail: "", exitCode: null, signal: null };
}
