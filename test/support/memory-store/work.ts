import { canonicalJson } from "../../../src/base/canonical-json.ts";
import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { EventId, RunId } from "../../../src/core/ids.ts";
import { stateAfter, type UnitReport } from "../../../src/core/run/report.ts";
import { hasEnded, NEXT_WORK_STATES } from "../../../src/core/run/work.ts";
import type { RunnerStore } from "../../../src/ports/runner-store.ts";
import { keptOutput, LATE_RESULTS_MAX, PLANS_EACH_MAX } from "../../../src/store/runner/work.ts";
import { tellApplyEnded } from "./ci-queue.ts";
import { putWork } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";
import type { LateResultRow, WorkRow } from "./rows.ts";
import { dirspaceRow } from "./snapshot.ts";
import { stored } from "./stored.ts";
import { wakeRun } from "./wake.ts";

type WorkStore = Pick<
  RunnerStore,
  "appendOutput" | "putPlan" | "notePlan" | "plan" | "work" | "report"
>;

export function workStore(db: MemoryDatabase): WorkStore {
  const { planFiles, planFilesOf, worksOf } = db.tables;
  return {
    appendOutput: (run, unit, seq, text) =>
      db.transaction(() => appendOutput(db, run, unit, seq, text)),
    putPlan: (run, digest, sealed) =>
      db.transaction(() => {
        // The first bytes stay: a digest names one plan (S12).
        const key = `${run}|${digest}`;
        if (planFiles.get(key) !== undefined) return true;
        const works = [...worksOf.of(run)].length;
        if (planFilesOf.count(run) >= PLANS_EACH_MAX * works) return false;
        planFiles.put(key, { runId: run, digest, sealed: Uint8Array.from(sealed) });
        return true;
      }),
    notePlan: (run, unit, { digest, changed }) =>
      db.transaction(() => {
        const row = unitOf(db, run, unit);
        if (row?.op !== "plan") return "conflict";
        if (row.planDigest !== undefined)
          return row.planDigest === digest ? "repeated" : "conflict";
        if (row.state !== "queued" && row.state !== "running") return "conflict";
        putWork(db, { ...row, planDigest: digest, changed });
        return "noted";
      }),
    plan: (run, unit, digest) =>
      db.transaction(() => {
        for (const work of worksOf.of(run)) {
          const isNamed = unit === undefined || dirspaceRow(db, work.dirspaceId).key === unit;
          if (!isNamed || work.planDigest !== digest) continue;
          const file = planFiles.get(`${work.planRunId}|${digest}`);
          if (file !== undefined) return file.sealed;
        }
        return undefined;
      }),
    work: (run, unit) =>
      db.transaction(() => {
        const row = unitOf(db, run, unit);
        if (row === undefined) return undefined;
        const { state, planRunId, planDigest, changed, fence } = row;
        return { dirspace: unit, state, planRunId, planDigest, changed, fence };
      }),
    report: (run, unit, report, durationMs) =>
      db.transaction(() => record(db, run, unit, report, durationMs)),
  };
}

export function unitOf(db: MemoryDatabase, run: RunId, unit: DirspaceKey): WorkRow | undefined {
  for (const work of db.tables.worksOf.of(run)) {
    if (dirspaceRow(db, work.dirspaceId).key === unit) return work;
  }
  return undefined;
}

function appendOutput(
  db: MemoryDatabase,
  run: RunId,
  unit: DirspaceKey,
  seq: number,
  text: string,
): number | undefined {
  const work = unitOf(db, run, unit);
  if (work === undefined) return undefined;
  if (work.outputSeq !== seq) return work.outputSeq;
  const kept = keptOutput(text, work.outputChars);
  putWork(db, { ...work, outputSeq: seq + 1, outputChars: work.outputChars + text.length });
  const key = `${run}|${work.dirspaceId}|${seq}`;
  if (kept !== "")
    db.tables.output.put(key, { runId: run, dirspaceId: work.dirspaceId, seq, text: kept });
  return seq + 1;
}

/** S28: the first report of a unit stays. S2: a report that carries another fence than the grant is refused. */
function record(
  db: MemoryDatabase,
  run: RunId,
  unit: DirspaceKey,
  report: UnitReport,
  durationMs: number | undefined,
): Awaited<ReturnType<RunnerStore["report"]>> {
  const row = unitOf(db, run, unit);
  if (row === undefined) return "unknown_unit";
  const to = stateAfter(report);
  if (hasEnded(row.state)) {
    if (row.result?.outcome === report.outcome) return "repeated";
    keepLate(db, row, report, "ended");
    return "conflict";
  }
  const fence = "fence" in report ? report.fence : undefined;
  if (fence !== undefined && fence !== row.fence) {
    keepLate(db, row, report, "other_fence");
    return "bad_fence";
  }
  if (!NEXT_WORK_STATES[row.state].includes(to)) {
    keepLate(db, row, report, "no_move");
    return "conflict";
  }
  const planned = report.outcome === "planned" ? report : undefined;
  putWork(db, {
    ...row,
    state: to,
    result: stored(report),
    changed: planned?.changed ?? row.changed,
    planDigest: planned?.planDigest ?? row.planDigest,
    durationMs: durationMs === undefined ? undefined : Math.round(durationMs),
    startedAt: row.startedAt ?? db.now,
    endedAt: db.now,
  });
  const isDone = report.outcome === "planned" || report.outcome === "applied";
  if (isDone && durationMs !== undefined) {
    noteDuration(db, row, durationMs);
  }
  if (row.op === "apply") tellApplyEnded(db, row);
  wakeRun(db, run);
  return "recorded";
}

/** S27: what came too late is evidence, and news for its pull request; the same again is neither. */
function keepLate(
  db: MemoryDatabase,
  row: WorkRow,
  report: UnitReport,
  why: LateResultRow["why"],
): void {
  const { runId, dirspaceId, pullRequestId, op, state } = row;
  const kept = stored(report);
  const key = `${runId}|${dirspaceId}|${canonicalJson(kept)}`;
  const { lateResults, lateResultsOf } = db.tables;
  if (lateResults.get(key) !== undefined) return;
  if (lateResultsOf.count(`${runId}|${dirspaceId}`) >= LATE_RESULTS_MAX) return;
  const late = { runId, dirspaceId, pullRequestId, op, state, why, report: kept };
  lateResults.put(key, { ...late, receivedAt: db.now });
  const id = db.rowId("event", `late|${key}`) as EventId;
  const dirspace = dirspaceRow(db, dirspaceId).key;
  const said = report.outcome;
  insertEvent(db, pullRequestId, id, {
    kind: "result_refused",
    runId,
    dirspace,
    said,
    stays: state,
  });
  wakePullRequest(db, pullRequestId);
}

function noteDuration(db: MemoryDatabase, { dirspaceId, op }: WorkRow, durationMs: number): void {
  const key = `${dirspaceId}|${op}`;
  const ms = Math.max(1, Math.round(durationMs));
  const known = db.tables.workDurations.get(key);
  db.tables.workDurations.put(key, known === undefined ? ms : known + Math.trunc((ms - known) / 4));
}
