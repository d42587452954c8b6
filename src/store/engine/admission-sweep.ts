import { sql } from "kysely";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { wakeAdmission } from "./jobs.ts";

/** News that waits longer than this has lost its job. */
export const NEWS_OVERDUE_SECONDS = 30;
/** What has been blocked for so long is looked at again, should nobody have told that it may start. */
export const BLOCKED_SECONDS = 60;
const BLOCKED_MAX = 100;
const SWEEP_MAX = 200;

/** L39: jobs that could start do, however the word of it was lost: a crash, or a server that knew of no queue (L38). */
export function wakeAdmissions(database: Database): Promise<void> {
  return inTransaction(database, async (tx) => {
    await tellAgain(tx);
    const { rows } = await sql<{ id: string }>`
      select id from (
        select installation_id as id from ci_news
        where created_at < now() - ${NEWS_OVERDUE_SECONDS} * interval '1 second'
        union
        select installation_id from ci_job
        where state = 'new' and created_at < now() - ${NEWS_OVERDUE_SECONDS} * interval '1 second'
        union
        select installation_id from ci_share where open
      ) overdue
      where not exists (
        select from graphile_worker.jobs job
        where job.key = 'admit:sweep:' || overdue.id and job.attempts < job.max_attempts
      )
      limit ${SWEEP_MAX}
    `.execute(tx);
    // Later, and one at a time: an installation all of whose places are taken has open shares as well.
    const delayMs = NEWS_OVERDUE_SECONDS * 1_000;
    for (const { id } of rows) await wakeAdmission(tx, id, `sweep:${id}`, delayMs);
  });
}

async function tellAgain(tx: Tx): Promise<void> {
  await sql`
    insert into ci_news (installation_id, attempt_id)
    select ci_job.installation_id, ci_job.attempt_id
    from ci_job join attempt on attempt.id = ci_job.attempt_id
    where ci_job.state = 'admitted' and (attempt.ended_at is not null or attempt.finished_at is not null)
      and not exists (select from ci_news told where told.attempt_id = ci_job.attempt_id)
    limit ${SWEEP_MAX}
  `.execute(tx);
  await sql`
    insert into ci_news (installation_id, dirspace_id)
    select distinct installation_id, blocked_on from (
      select installation_id, blocked_on from ci_job
      where state = 'blocked' and blocked_at < now() - ${BLOCKED_SECONDS} * interval '1 second'
      order by blocked_at limit ${BLOCKED_MAX}
    ) long
    where not exists (select from ci_news told where told.dirspace_id = long.blocked_on)
  `.execute(tx);
}
