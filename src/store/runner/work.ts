import { sql } from "kysely";
import { truncateEnd } from "../../base/text.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { EventId, RunId } from "../../core/ids.ts";
import { stateAfter, type UnitReport } from "../../core/run/report.ts";
import { hasEnded, NEXT_WORK_STATES, type WorkState } from "../../core/run/work.ts";
import type { Bell } from "../../ports/bell.ts";
import type { RunnerStore, WorkRow } from "../../ports/runner-store.ts";
import { tellApplyEnded } from "../engine/ci-queue.ts";
import { insertEvent } from "../engine/intake.ts";
import { thenRing, type Wake } from "../engine/ring.ts";
import { json } from "../engine/rows.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { wakeRun } from "./wake.ts";

type WorkStore = Pick<
  RunnerStore,
  "appendOutput" | "putPlan" | "notePlan" | "plan" | "work" | "report"
>;

/** A tool that never stops printing would fill the database for everybody; the CI job's own log has all of it. */
export const UNIT_OUTPUT_CHARS_MAX = 16_000_000;
export const OUTPUT_CUT =
  "\n(The server keeps no more output of one dirspace. The log of the CI job has all of it.)\n";
/** A job stores one plan for each unit, and another one where a step was tried again. */
export const PLANS_EACH_MAX = 4;
/** Reports of one unit that are kept beside its result. */
export const LATE_RESULTS_MAX = 20;

export function workStore(database: Database, bell: Bell): WorkStore {
  const db = database.statements;
  return {
    appendOutput: (run, unit, seq, text) =>
      inTransaction(database, (tx) => appendOutput(tx, run, unit, seq, text)),
    async putPlan(run, digest, sealed) {
      // The first bytes stay: a digest names one plan (S12).
      const { rows } = await sql`
        insert into plan_file (run_id, digest, sealed) select ${run}, ${digest}, ${Buffer.from(sealed)}
        where (select count(*) from plan_file where run_id = ${run})
          < ${PLANS_EACH_MAX} * (select count(*) from work where run_id = ${run})
        on conflict do nothing returning 1
      `.execute(db);
      if (rows.length > 0) return true;
      const { rows: known } = await sql`
        select from plan_file where run_id = ${run} and digest = ${digest}
      `.execute(db);
      return known.length > 0;
    },
    async notePlan(run, unit, { digest, changed }) {
      const { rows } = await sql`
        update work set plan_digest = ${digest}, changed = ${changed} from dirspace
        where dirspace.id = work.dirspace_id and ${isUnit(run, unit)} and work.op = 'plan'
          and work.state in ('queued', 'running') and work.plan_digest is null
        returning 1
      `.execute(db);
      if (rows.length > 0) return "noted";
      const { rows: known } = await sql`
        select from work join dirspace on dirspace.id = work.dirspace_id
        where ${isUnit(run, unit)} and work.op = 'plan' and work.plan_digest = ${digest}
      `.execute(db);
      return known.length > 0 ? "repeated" : "conflict";
    },
    async plan(run, unit, digest) {
      const isNamed = unit === undefined ? sql`work.run_id = ${run}` : isUnit(run, unit);
      const { rows } = await sql<{ sealed: Buffer }>`
        select plan_file.sealed from work
        join dirspace on dirspace.id = work.dirspace_id
        join plan_file on plan_file.run_id = work.plan_run_id and plan_file.digest = work.plan_digest
        where ${isNamed} and work.plan_digest = ${digest} limit 1
      `.execute(db);
      return rows[0]?.sealed;
    },
    async work(run, unit) {
      const { rows } = await sql<Row>`${SELECT_WORK} where ${isUnit(run, unit)}`.execute(db);
      return rows.map((row) => workRow(unit, row))[0];
    },
    report: (run, unit, report, durationMs) =>
      thenRing(database, bell, (tx, wake) => record(tx, wake, run, unit, report, durationMs)),
  };
}

interface Row {
  readonly dirspace_id: string;
  readonly op: "plan" | "apply";
  readonly state: WorkState;
  readonly plan_run_id: RunId | null;
  readonly plan_digest: string | null;
  readonly changed: boolean | null;
  readonly fence: string | null;
  readonly result: UnitReport | null;
}

const SELECT_WORK = sql`
  select work.dirspace_id, work.op, work.state, work.plan_run_id, work.plan_digest, work.changed, work.fence,
    work.result
  from work join dirspace on dirspace.id = work.dirspace_id
`;

export function isUnit(run: RunId, unit: DirspaceKey) {
  const colon = unit.lastIndexOf(":");
  return sql`work.run_id = ${run} and dirspace.dir = ${unit.slice(0, colon)}
    and dirspace.workspace = ${unit.slice(colon + 1)}`;
}

function workRow(dirspace: DirspaceKey, row: Row): WorkRow {
  return {
    dirspace,
    state: row.state,
    planRunId: row.plan_run_id ?? undefined,
    planDigest: row.plan_digest ?? undefined,
    changed: row.changed ?? undefined,
    fence: row.fence === null ? undefined : Number(row.fence),
  };
}

/** What is kept of a chunk where so many characters of its unit were taken before. */
export function keptOutput(text: string, taken: number): string {
  // PostgreSQL's text holds no NUL.
  const whole = text.replaceAll("\0", "\ufffd");
  const left = UNIT_OUTPUT_CHARS_MAX - taken;
  if (whole.length <= left) return whole;
  return left > 0 ? `${truncateEnd(whole, left, "")}${OUTPUT_CUT}` : "";
}

async function appendOutput(
  tx: Tx,
  run: RunId,
  unit: DirspaceKey,
  seq: number,
  text: string,
): Promise<number | undefined> {
  const { rows } = await sql<{ dirspace_id: string; taken: string }>`
    update work set output_seq = output_seq + 1, output_chars = output_chars + ${text.length} from dirspace
    where dirspace.id = work.dirspace_id and ${isUnit(run, unit)} and work.output_seq = ${seq}
    returning work.dirspace_id, output_chars - ${text.length} as taken
  `.execute(tx);
  const row = rows[0];
  if (row !== undefined) {
    const kept = keptOutput(text, Number(row.taken));
    if (kept !== "") {
      await sql`
        insert into output_chunk (run_id, dirspace_id, seq, text) values (${run}, ${row.dirspace_id}, ${seq}, ${kept})
      `.execute(tx);
    }
    return seq + 1;
  }
  const { rows: known } = await sql<{ output_seq: number }>`
    select work.output_seq from work join dirspace on dirspace.id = work.dirspace_id
    where ${isUnit(run, unit)}
  `.execute(tx);
  return known[0]?.output_seq;
}

/** S28: the first report of a unit stays. S2: a report that carries another fence than the grant is refused. */
async function record(
  tx: Tx,
  wake: Wake,
  run: RunId,
  unit: DirspaceKey,
  report: UnitReport,
  durationMs: number | undefined,
): ReturnType<RunnerStore["report"]> {
  const { rows } = await sql<Row>`
    ${SELECT_WORK} where ${isUnit(run, unit)} for update of work
  `.execute(tx);
  const row = rows[0];
  if (row === undefined) return "unknown_unit";
  const to = stateAfter(report);
  if (hasEnded(row.state)) {
    if (row.result?.outcome === report.outcome) return "repeated";
    await keepLate(tx, wake, run, row, report, "ended");
    return "conflict";
  }
  const fence = "fence" in report ? report.fence : undefined;
  if (fence !== undefined && String(fence) !== row.fence) {
    await keepLate(tx, wake, run, row, report, "other_fence");
    return "bad_fence";
  }
  if (!NEXT_WORK_STATES[row.state].includes(to)) {
    await keepLate(tx, wake, run, row, report, "no_move");
    return "conflict";
  }
  const changed = report.outcome === "planned" ? report.changed : null;
  const digest = report.outcome === "planned" ? (report.planDigest ?? null) : null;
  await sql`
    update work set state = ${to}, result = ${json(report)}::jsonb,
      changed = coalesce(${changed}, changed), plan_digest = coalesce(${digest}, plan_digest),
      duration_ms = ${durationMs === undefined ? null : Math.round(durationMs)}, started_at = coalesce(started_at, now()), ended_at = now()
    where run_id = ${run} and dirspace_id = ${row.dirspace_id}
  `.execute(tx);
  const isDone = report.outcome === "planned" || report.outcome === "applied";
  if (isDone && durationMs !== undefined) {
    await noteDuration(tx, row.dirspace_id, row.op, durationMs);
  }
  if (row.op === "apply") await tellApplyEnded(tx, run, row.dirspace_id);
  await wakeRun(tx, wake, run);
  return "recorded";
}

/** S27: what came too late is evidence, and news for its pull request; the same again is neither. */
async function keepLate(
  tx: Tx,
  wake: Wake,
  run: RunId,
  { dirspace_id: dirspaceId, state }: Row,
  report: UnitReport,
  why: "ended" | "other_fence" | "no_move",
): Promise<void> {
  const { rows } = await sql<{ pull_request_id: string; dirspace: DirspaceKey; id: EventId }>`
    with kept as (
      insert into late_result (run_id, dirspace_id, pull_request_id, op, state, why, report)
      select run_id, dirspace_id, pull_request_id, op, state, ${why}, ${json(report)}::jsonb from work
      where run_id = ${run} and dirspace_id = ${dirspaceId} and not exists (
        select from late_result known where known.run_id = work.run_id
          and known.dirspace_id = work.dirspace_id and known.report = ${json(report)}::jsonb
      ) and ${LATE_RESULTS_MAX} > (
        select count(*) from late_result known where known.run_id = work.run_id
          and known.dirspace_id = work.dirspace_id
      )
      returning pull_request_id, dirspace_id
    )
    select kept.pull_request_id, dirspace.dir || ':' || dirspace.workspace as dirspace,
      gen_random_uuid() as id
    from kept join dirspace on dirspace.id = kept.dirspace_id
  `.execute(tx);
  for (const { pull_request_id: pullRequest, dirspace, id } of rows) {
    const said = report.outcome;
    await insertEvent(tx, pullRequest, id, {
      kind: "result_refused",
      runId: run,
      dirspace,
      said,
      stays: state,
    });
    wake(pullRequest);
  }
}

/** A moving figure: the last works count most, and one that took very long is forgotten after some more. */
async function noteDuration(
  tx: Tx,
  dirspaceId: string,
  op: "plan" | "apply",
  durationMs: number,
): Promise<void> {
  const ms = Math.max(1, Math.round(durationMs));
  await sql`
    insert into work_duration (dirspace_id, op, ms) values (${dirspaceId}, ${op}, ${ms})
    on conflict (dirspace_id, op)
    do update set ms = work_duration.ms + (excluded.ms - work_duration.ms) / 4
  `.execute(tx);
}
