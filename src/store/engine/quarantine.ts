import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { Happening } from "../../core/event.ts";
import type { ClusterGuard, EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { json } from "./rows.ts";

type QuarantineStore = Pick<EngineStore, "guardCluster">;

/** Whatever was granted in commits that were lost has a lower fence than what is granted from now on (S2). */
const FENCE_LEAP = 2 ** 32;
/** Every dirspace is touched once; nothing may be applied meanwhile anyway. */
const ENTER_TIMEOUT = "10min";

/**
 * The timeline that is being written: known at once after a promotion, where the control file lags behind until the
 * first checkpoint. Fails on a server in recovery, and there nothing can be written either.
 */
const TIMELINE = sql`('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint`;
const SYSTEM = sql`(pg_control_system()).system_identifier::text`;

/** The cluster is the one that the row was written by; what it did not tell then is not asked for now. */
const IS_SAME = sql`
  (cluster.timeline is null or cluster.timeline = ${TIMELINE})
  and (cluster.system_identifier is null or cluster.system_identifier = ${SYSTEM})
`;

/**
 * Since when everything that was written is remembered. Clocks of servers differ from the database's, hence the minute;
 * where nobody has noticed yet that it is another cluster, nothing is.
 */
export const REMEMBERED_SINCE = sql`coalesce((
  select case when ${IS_SAME} then promoted_at + interval '1 minute' else now() end from cluster
), to_timestamp(0))`;

export function quarantineStore(database: Database): QuarantineStore {
  return {
    async guardCluster(leastMs) {
      const known = await readCluster(database);
      if (known === undefined) {
        await firstLook(database);
        return { kind: "same" };
      }
      if (known.same && known.since === null) return { kind: "same" };
      if (known.same) return leave(database);
      return (await enter(database, leastMs)) ?? leave(database);
    },
  };
}

interface ClusterRow {
  readonly same: boolean;
  readonly since: Date | null;
  readonly because: string | null;
}

async function readCluster({ statements }: Database): Promise<ClusterRow | undefined> {
  const { rows } = await sql<ClusterRow>`
    select ${IS_SAME} as same, quarantined_at as since, quarantine_because as because from cluster
  `.execute(statements);
  return rows[0];
}

/** What this PostgreSQL tells of itself; some hosted ones keep it to themselves. */
async function firstLook(database: Database): Promise<void> {
  const [timeline, system] = [await told(database, TIMELINE), await told(database, SYSTEM)];
  await sql`
    insert into cluster (timeline, system_identifier) values (${timeline}::bigint, ${system})
    on conflict do nothing
  `.execute(database.statements);
}

async function told({ statements, log }: Database, what: RawBuilder<unknown>) {
  try {
    const { rows } = await sql<{ told: string }>`select ${what} as told`.execute(statements);
    return rows[0]?.told ?? null;
  } catch (error) {
    log.warn({ err: error }, "this PostgreSQL does not tell when it was promoted or restored");
    return null;
  }
}

/**
 * Another cluster answers than before: commits may be missing that were acknowledged, and with them grants. Every fence
 * leaps, so that all plans count as older than an apply that nobody knows of; every apply in flight becomes unknown;
 * all that is open is read again from the VCS and the CI system, and shown again. The row first, then the usual order of locks.
 * Nothing, where it has begun already.
 */
function enter(database: Database, leastMs: number): Promise<ClusterGuard | undefined> {
  return inTransaction(database, async (tx) => {
    await sql`set local statement_timeout = ${sql.lit(ENTER_TIMEOUT)}`.execute(tx);
    const { rows } = await sql<{ same: boolean; because: string; since: Date }>`
      select ${IS_SAME} as same, now() as since,
        'system ' || coalesce(system_identifier, '?') || ', timeline ' || coalesce(timeline::text, '?') || ' became '
        || 'system ' || case when system_identifier is null then '?' else ${SYSTEM} end
        || ', timeline ' || case when timeline is null then '?' else (${TIMELINE})::text end as because
      from cluster for update
    `.execute(tx);
    const row = rows[0];
    // Another server was faster.
    if (row === undefined || row.same) return undefined;
    const { because } = row;
    await sql`
      update cluster set quarantined_at = now(), promoted_at = now(), quarantine_because = ${because}, quarantines = quarantines + 1,
        quarantined_until = now() + ${leastMs} * interval '1 millisecond',
        timeline = case when timeline is not null then ${TIMELINE} end,
        system_identifier = case when system_identifier is not null then ${SYSTEM} end
    `.execute(tx);
    const unknown = await doubtApplies(tx, because);
    // Edits of comments and checks may be among what was lost: nobody knows what is shown (L40).
    await sql`
      update publication set content_hash = '' from (
        select pull_request_id, key from publication order by pull_request_id, key for update
      ) held where (publication.pull_request_id, publication.key) = (held.pull_request_id, held.key)
    `.execute(tx);
    await readAllAgain(tx);
    await releaseJobs(tx);
    return { kind: "entered", since: instant(row.since), because, unknown };
  });
}

async function doubtApplies(tx: Tx, because: string): Promise<number> {
  await sql`
    select from pull_request where id in (
      select pull_request_id from work where op = 'apply' and state = 'granted'
    ) order by id for update
  `.execute(tx);
  // Foreign keys lead to these rows: whoever holds a work may write what refers to them without waiting for us.
  await sql`
    update dirspace set last_fence = last_fence + ${FENCE_LEAP}::bigint
    from (select id from dirspace order by id for no key update) held where dirspace.id = held.id
  `.execute(tx);
  const { rows } = await sql`
    update work set state = 'unknown', because = ${`the database was promoted or restored: ${because}`}
    where op = 'apply' and state = 'granted' returning 1
  `.execute(tx);
  // Asked after with the next tick. What is being claimed just now gives a sign of life by that.
  await sql`
    update attempt set asked_at = null where id in (
      select id from attempt where ended_at is null and asked_at is not null for update skip locked
    )
  `.execute(tx);
  return rows.length;
}

/**
 * Webhooks of the lost commits do not come again: whatever is open is read again from its VCS. Nobody is woken for each
 * of them: there may be very many, and every server looks for events that wait.
 */
async function readAllAgain(tx: Tx): Promise<void> {
  const happening: Happening = { kind: "pull_request_changed", hint: "quarantine" };
  await sql`
    insert into event (id, repository_id, pull_request_id, kind, happening)
    select gen_random_uuid(), repository_id, id, ${happening.kind}, ${json(happening)}::jsonb
    from pull_request
    where view ->> 'state' = 'open' or id in (select pull_request_id from lock)
      or id in (select pull_request_id from run where state <> 'ended')
  `.execute(tx);
}

/**
 * That a job was done may be among what was lost: here it is still held by a server that lives, renews what it holds and
 * will never come back to it. Whoever takes it does it again, which is harmless (S25).
 */
async function releaseJobs(tx: Tx): Promise<void> {
  await sql`
    select graphile_worker.force_unlock_workers(array(
      select distinct locked_by from graphile_worker.jobs where locked_by is not null
    ))
  `.execute(tx);
}

/** Ends the quarantine once its time is over and no job from before may still be at work, anywhere. */
async function leave(database: Database): Promise<ClusterGuard> {
  const { rows } = await sql<{ since: Date; because: string; left: boolean }>`
    with gone as (
      update cluster set quarantined_at = null, quarantined_until = null
      where quarantined_until < now() and not exists (${mayStillApply(sql`true`)})
      returning 1
    )
    select quarantined_at as since, quarantine_because as because, exists (select from gone) as left
    from cluster where quarantined_at is not null
  `.execute(database.statements);
  const row = rows[0];
  if (row === undefined) return { kind: "same" };
  if (row.left) return { kind: "left" };
  return { kind: "quarantined", since: instant(row.since), because: row.because };
}

/** Apply jobs from before the quarantine that nobody has said are over, of pull requests that match. */
function mayStillApply(matches: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select from attempt
    join run on run.id = attempt.run_id and run.kind = 'apply'
    join pull_request on pull_request.id = run.pull_request_id
    where attempt.created_at <= cluster.quarantined_at and attempt.dispatched_at is not null
      and attempt.ended_at is null and ${matches}
      and (attempt.finished_at is null or exists (
        select from work where work.run_id = run.id and work.state in ('granted', 'unknown')
      ))
  `;
}

/**
 * Whether an apply of the repository has to wait, asked in the grant's own transaction: also where this is the first
 * statement after a promotion. Holds the row, so that a quarantine begins before the grant or after it.
 */
export async function isQuarantined(tx: Tx, repositoryId: string): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`
    select not (${IS_SAME}) or (quarantined_at is not null and (
      quarantined_until > now()
      or exists (${mayStillApply(sql`pull_request.repository_id = ${repositoryId}`)})
    )) as waits
    from cluster for share
  `.execute(tx);
  return rows[0]?.waits === true;
}

function instant(date: Date): Instant {
  return date.getTime() as Instant;
}
