import { sql } from "kysely";
import type { Forgotten, Retention } from "../../ports/fleet-store.ts";
import type { Database } from "../pool.ts";
import { SQLSTATE, sqlState } from "../sqlstate.ts";
import { inTransaction } from "../transaction.ts";

/** Partitions are there before anything falls into them. */
const WEEKS_AHEAD = 2;
const WEEK_DAYS = 7;
/** One look deletes so many rows of a table that is not partitioned; the next goes on. */
const ROWS_MAX = 5_000;
/** Nobody waits long for a look that is made again in an hour. */
const LOCK_TIMEOUT_MS = 2_000;
/** VCSs repeat deliveries of the last three days; an id is known for longer than that. */
const DELIVERY_DAYS = 14;

const PARTITIONED = [
  { table: "event", time: "received_at", keeps: "eventDays" },
  { table: "output_chunk", time: "at", keeps: "outputDays" },
] as const;

/**
 * Forgets what nobody may ask for any more. Decisions, grants, late results and whatever `why` reads are kept: an
 * event is done with once it is decided, because its decision holds all of it.
 */
export async function forgetOld(database: Database, retention: Retention): Promise<Forgotten> {
  let partitions = 0;
  let rows = 0;
  for (const { table, time, keeps } of PARTITIONED) {
    await patiently(
      database,
      sql`select make_partitions(${table}, now(), ${WEEKS_AHEAD}::integer)`,
    );
    const days = retention[keeps];
    for (const name of await oldPartitions(database, table, days)) {
      // What still waits to be decided is never dropped, however long that takes.
      if (table === "event" && (await hasPending(database, name))) continue;
      if (await patiently(database, sql`drop table ${sql.table(name)}`)) partitions += 1;
    }
    const old = sql`${sql.ref(time)} < now() - ${days} * interval '1 day'`;
    const isDone = table === "event" ? sql`and state <> 'pending'` : sql``;
    rows += await remove(database, `${table}_default`, sql`${old} ${isDone}`);
  }
  const { eventDays } = retention;
  rows += await remove(database, "delivery", olderThan("received_at", DELIVERY_DAYS));
  rows += await remove(database, "used_token", olderThan("expires_at", 1));
  rows += await remove(
    database,
    "outbox",
    sql`done >= wanted and ${olderThan("performed_at", eventDays)}`,
  );
  // A sealed plan may be applied as long as its pull request is open, or merged and not yet let go.
  rows += await remove(
    database,
    "plan_file",
    sql`${olderThan("created_at", eventDays)} and exists (
      select from run join pull_request on pull_request.id = run.pull_request_id
      where run.id = plan_file.run_id and view ->> 'state' <> 'open'
        and not exists (select from lock where lock.pull_request_id = pull_request.id)
    )`,
  );
  return { partitions, rows };
}

function olderThan(time: string, days: number) {
  return sql`${sql.ref(time)} < now() - ${days} * interval '1 day'`;
}

/** Names end with the Monday that their week begins with. */
async function oldPartitions(
  database: Database,
  parent: string,
  days: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select child.relname as name from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent = ${parent}::regclass and child.relname ~ '_[0-9]{8}$'
      and to_date(right(child.relname, 8), 'YYYYMMDD') + ${WEEK_DAYS}::integer
        <= (now() at time zone 'UTC')::date - ${days}::integer
    order by 1
  `.execute(database.statements);
  return rows.map((row) => row.name);
}

async function hasPending(database: Database, partition: string): Promise<boolean> {
  const { rows } = await sql`
    select from ${sql.table(partition)} where state = 'pending' limit 1
  `.execute(database.statements);
  return rows.length > 0;
}

/** False where the table was in use; nothing else waits meanwhile, and the next look tries again. */
async function patiently(database: Database, statement: ReturnType<typeof sql>): Promise<boolean> {
  try {
    await inTransaction(database, async (tx) => {
      await sql`set local lock_timeout = ${sql.lit(LOCK_TIMEOUT_MS)}`.execute(tx);
      await statement.execute(tx);
    });
    return true;
  } catch (error) {
    if (sqlState(error) !== SQLSTATE.lockNotAvailable) throw error;
    return false;
  }
}

async function remove(
  database: Database,
  table: string,
  which: ReturnType<typeof sql>,
): Promise<number> {
  const { rows } = await sql`
    delete from ${sql.table(table)} where ctid in (
      select ctid from ${sql.table(table)} where ${which} limit ${ROWS_MAX}
    ) returning 1
  `.execute(database.statements);
  return rows.length;
}
