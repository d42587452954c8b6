import { sql } from "kysely";
import { unpack } from "../../../src/store/engine/packed.ts";
import type { Database } from "../../../src/store/pool.ts";
import type { Dump } from "./dump.ts";

/**
 * Columns that only one of the two stores has. Anything else that a migration adds has to be in the rows of the memory
 * store as well, or the dumps differ.
 */
const OMITTED: Readonly<Record<string, readonly string[]>> = {
  repository: ["installation_id", "heard_at"],
  pull_request: ["created_at"],
  delivery: ["received_at"],
  event: ["repository_id", "kind"],
  ignored_delivery: ["received_at"],
  commit_fact: ["created_at"],
  decision: ["id", "event_seq", "kind", "packed"],
  late_result: ["id"],
  ci_share: ["installation_id"],
  used_token: ["expires_at"],
  work: ["created_at"],
  plan_file: ["created_at"],
  output_chunk: ["at"],
};

export const DUMPED_TABLES = [
  "repository",
  "pull_request",
  "dirspace",
  "pull_request_dirspace",
  "delivery",
  "event",
  "ignored_delivery",
  "commit_fact",
  "event_fact",
  "decision",
  "run",
  "attempt",
  "used_token",
  "work",
  "apply_grant",
  "plan_file",
  "lock",
  "lock_wait",
  "lock_wait_dirspace",
  "late_result",
  "ci_gate",
  "ci_share",
  "ci_lane",
  "ci_job",
  "ci_news",
  "work_duration",
  "outbox",
  "publication",
  "output_chunk",
] as const;

export type DumpedTable = (typeof DUMPED_TABLES)[number] | "job" | "ring";

const JOBS = sql`
  select job.key, task.identifier as task, job.payload, job.run_at, job.priority, queue.queue_name as queue, job.attempts,
    job.max_attempts as attempts_max, job.locked_at
  from graphile_worker._private_jobs job
  join graphile_worker._private_tasks task on task.id = job.task_id
  left join graphile_worker._private_job_queues queue on queue.id = job.job_queue_id
`;

/** Every row of every table, in one statement. */
export async function dumpSql(database: Database): Promise<Dump> {
  const parts = DUMPED_TABLES.map(
    (table) => sql`${sql.lit(table)}, (select json_agg(r) from ${sql.table(table)} r)`,
  );
  const { rows } = await sql<{ dump: Record<string, Record<string, unknown>[] | null> }>`
    select json_build_object(${sql.join(parts)}, 'job', (select json_agg(r) from (${JOBS}) r)) as dump
  `.execute(database.statements);
  const dump = rows[0]?.dump ?? {};
  for (const row of dump["decision"] ?? []) Object.assign(row, await unpacked(row["packed"]));
  return Object.fromEntries(
    Object.entries(dump).map(([table, list]) => [
      table,
      (list ?? []).map((row) => readRow(row, OMITTED[table] ?? [])),
    ]),
  );
}

const UNPACKED = new Map<string, Promise<object>>();

/** A decision never changes, so it is unpacked once. */
function unpacked(bytes: unknown): Promise<object> {
  if (typeof bytes !== "string") return Promise.resolve({});
  const known = UNPACKED.get(bytes);
  if (known !== undefined) return known;
  const reading = unpack(Buffer.from(bytes.slice(2), "hex")).then(({ at, snapshot, writes }) => ({
    event_at: new Date(at).toISOString(),
    snapshot: { ...snapshot, held: [...snapshot.held] },
    writes,
  }));
  UNPACKED.set(bytes, reading);
  return reading;
}

function readRow(row: Record<string, unknown>, omitted: readonly string[]) {
  const read: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    if (value === null || omitted.includes(column)) continue;
    read[camel(column)] = readValue(column, value);
  }
  return read;
}

function camel(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function isInstant(column: string): boolean {
  return /_at$|_?since$|^not_before$/.test(column);
}

function readValue(column: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (isInstant(column)) return Date.parse(value);
  return value.startsWith("\\x") ? value.slice(2) : value;
}
