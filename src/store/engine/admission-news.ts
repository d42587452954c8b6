import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { InstallationId } from "../../core/ids.ts";
import type { Tx } from "../transaction.ts";

/** One transaction hears no more than these of each kind. */
const NEWS_MAX = 500;

/**
 * Hears what happened since: new jobs wait, places come free, what waited for the dirspaces of ended applies may start.
 * Exactly these are touched, and the queues that they are in are looked at again.
 */
export async function hearNews(
  tx: Tx,
  installation: InstallationId,
  served: number,
): Promise<number> {
  const { rows } = await sql<{ moved: number }>`
    with heard as (
      delete from ci_news where id in (
        select id from ci_news where installation_id = ${installation} order by id limit ${NEWS_MAX}
      ) returning attempt_id, dirspace_id
    ), named as (
      select attempt_id from heard where attempt_id is not null
      union
      select attempt_id from ci_job where state = 'blocked' and blocked_on in (select dirspace_id from heard)
      union
      (
        select attempt_id from ci_job where installation_id = ${installation} and state = 'new'
        order by seq limit ${NEWS_MAX}
      )
    ), moved as (
      update ci_job set blocked_on = null, blocked_at = null, state = case
          when ci_job.state = 'admitted' and attempt.ended_at is null and attempt.finished_at is null then 'admitted'
          when ci_job.state = 'admitted' or run.state = 'ended' then 'ended'
          else 'waiting'
        end
      from named
      join attempt on attempt.id = named.attempt_id
      join run on run.id = attempt.run_id
      where ci_job.attempt_id = named.attempt_id and ci_job.state <> 'ended'
      returning ci_job.repository_id, ci_job.environment
    ), lanes as (
      insert into ci_lane (repository_id, environment)
      select distinct repository_id, environment from moved
      on conflict (repository_id, environment) do update set open = true where not ci_lane.open
    ), shares as (
      insert into ci_share (repository_id, installation_id, served)
      select distinct repository_id, ${installation}::uuid, ${served}::bigint from moved
      on conflict (repository_id) do update set open = true where not ci_share.open
    )
    select count(*)::int as moved from moved
  `.execute(tx);
  return present(rows[0], "a count").moved;
}
