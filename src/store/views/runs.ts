import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import { LISTED_MAX } from "../../base/listed-max.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { RunId } from "../../core/ids.ts";
import type { UnitReport } from "../../core/run/report.ts";
import type { WorkState } from "../../core/run/work.ts";
import type { JobCaps } from "../../core/schedule/caps.ts";
import type { RunRecord, RunUnitRecord, ViewStore } from "../../ports/view-store.ts";
import { readWaits } from "../engine/job-waits.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "../engine/rows.ts";
import type { Database } from "../pool.ts";
import { OUTPUT_CHUNKS_MAX, RUNS_OF_PULL_REQUEST_MAX, UNITS_MAX } from "./limits.ts";

type RunViews = Pick<ViewStore, "runs" | "run" | "waits" | "units" | "output">;

export function runViews(database: Database, caps: JobCaps): RunViews {
  const db = database.statements;
  return {
    async runs(pullRequest) {
      const { rows } =
        pullRequest === undefined
          ? await sql<RunRow>`
              ${SELECT_RUNS} order by run.created_at desc, run.number desc limit ${LISTED_MAX.runs}
            `.execute(db)
          : await sql<RunRow>`
              ${SELECT_RUNS} where run.pull_request_id = ${pullRequest}
              order by run.number desc limit ${RUNS_OF_PULL_REQUEST_MAX}
            `.execute(db);
      return rows.map(runRecord);
    },
    async run(id) {
      const { rows } = await sql<RunRow>`${SELECT_RUNS} where run.id = ${id}`.execute(db);
      return rows.map(runRecord)[0];
    },
    waits: (pullRequest) => readWaits(db, pullRequest, caps),
    async units(id) {
      const { rows } = await sql<UnitRow>`
        select dirspace.dir, dirspace.workspace, work.state, work.changed, work.result, work.because,
          work.started_at, work.ended_at, work.duration_ms, work.output_seq
        from work join dirspace on dirspace.id = work.dirspace_id
        where work.run_id = ${id}
        order by dirspace.dir collate "C", dirspace.workspace collate "C" limit ${UNITS_MAX}
      `.execute(db);
      return rows.map(unitRecord);
    },
    async output(run, unit, from) {
      const colon = unit.lastIndexOf(":");
      // Whether the unit has ended is read by the same statement as its chunks: what is stored before the end
      // is in the answer that says "ended".
      const { rows } = await sql<OutputRow>`
        select work.ended_at is not null or run.state = 'ended' as over, work.output_seq,
          (
            select json_agg(json_build_object('seq', part.seq, 'text', part.text) order by part.seq)
            from (
              select seq, text from output_chunk
              where output_chunk.run_id = work.run_id and output_chunk.dirspace_id = work.dirspace_id
                and output_chunk.seq >= ${from}
              order by seq limit ${OUTPUT_CHUNKS_MAX}
            ) part
          ) as chunks
        from work join dirspace on dirspace.id = work.dirspace_id join run on run.id = work.run_id
        where work.run_id = ${run} and dirspace.dir = ${unit.slice(0, Math.max(colon, 0))}
          and dirspace.workspace = ${unit.slice(colon + 1)}
      `.execute(db);
      return rows.map((row) => {
        const chunks = row.chunks ?? [];
        const nextSeq = (chunks.at(-1)?.seq ?? from - 1) + 1;
        return { chunks, nextSeq, ended: row.over && chunks.length < OUTPUT_CHUNKS_MAX };
      })[0];
    },
  };
}

interface OutputRow {
  readonly over: boolean;
  readonly chunks: readonly { readonly seq: number; readonly text: string }[] | null;
}

interface RunRow extends PullRequestRow {
  readonly run_id: RunId;
  readonly run_number: number;
  readonly kind: RunRecord["kind"];
  readonly state: RunRecord["state"];
  readonly outcome: NonNullable<RunRecord["outcome"]> | null;
  readonly head_sha: string;
  readonly actor: string | null;
  readonly created_at: Date;
  readonly claimed_at: Date | null;
  readonly ended_at: Date | null;
  readonly ci_url: string | null;
  readonly message: string | null;
  readonly units: number;
  readonly units_ended: number;
  readonly units_failed: number;
  readonly cancel_requested: boolean;
  readonly is_unknown: boolean;
}

const SELECT_RUNS = sql`
  select run.id as run_id, run.number as run_number, run.kind, run.state, run.outcome, run.head_sha,
    run.actor, run.created_at, run.ended_at, attempt.claimed_at, attempt.ci_url,
    coalesce(run.message, attempt.failure ->> 'message') as message,
    attempt.cancel_requested_at is not null as cancel_requested,
    totals.units, totals.units_ended, totals.units_failed, totals.is_unknown, owner.*
  from run
  join (${SELECT_PULL_REQUEST}) owner on owner.id = run.pull_request_id
  left join lateral (
    select * from attempt where attempt.run_id = run.id order by created_at desc limit 1
  ) attempt on true
  cross join lateral (
    select count(*)::int as units, count(work.ended_at)::int as units_ended,
      (count(*) filter (where work.state = 'failed'))::int as units_failed,
      count(*) filter (where work.state = 'unknown') > 0 as is_unknown
    from work where work.run_id = run.id
  ) totals
`;

function runRecord(row: RunRow): RunRecord {
  return {
    id: row.run_id,
    number: row.run_number,
    pullRequest: storedPullRequest(row),
    kind: row.kind,
    state: row.state,
    outcome: row.outcome ?? undefined,
    headSha: row.head_sha,
    actor: row.actor ?? undefined,
    createdAt: row.created_at.getTime() as Instant,
    claimedAt: instant(row.claimed_at),
    endedAt: instant(row.ended_at),
    units: row.units,
    unitsEnded: row.units_ended,
    unitsFailed: row.units_failed,
    cancelRequested: row.cancel_requested,
    isUnknown: row.is_unknown,
    ciUrl: row.ci_url ?? undefined,
    message: row.message ?? undefined,
  };
}

interface UnitRow {
  readonly dir: string;
  readonly workspace: string;
  readonly state: WorkState;
  readonly changed: boolean | null;
  readonly result: UnitReport | null;
  readonly because: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly duration_ms: number | null;
  readonly output_seq: number;
}

function unitRecord(row: UnitRow): RunUnitRecord {
  return {
    key: `${row.dir}:${row.workspace}` as DirspaceKey,
    dir: row.dir,
    workspace: row.workspace,
    state: row.state,
    changed: row.changed ?? undefined,
    report: row.result ?? undefined,
    because: row.because ?? undefined,
    startedAt: instant(row.started_at),
    endedAt: instant(row.ended_at),
    durationMs: row.duration_ms ?? undefined,
    outputChunks: row.output_seq,
  };
}

function instant(date: Date | null): Instant | undefined {
  return date === null ? undefined : (date.getTime() as Instant);
}
