import { sql } from "kysely";
import type { AttemptId, InstallationId } from "../../core/ids.ts";
import type { Chosen } from "../../core/schedule/choose.ts";
import type { Tx } from "../transaction.ts";
import { performCall } from "./jobs.ts";
import { priorityOf } from "./outbox.ts";
import { json } from "./rows.ts";

const PRIORITY = priorityOf({ kind: "dispatch" });

/** A job that cannot start now. */
export interface BusyJob {
  readonly attempt: AttemptId;
  /** The dirspace that another apply has; undefined: its run is over, and nothing of it is wanted any more. */
  readonly on: string | undefined;
}

/**
 * Those of the chosen that cannot start: an apply of another run has one of their dirspaces, or, for an apply, is before
 * it there. The order is that of the dirspace, given when the works were made (S8).
 */
export async function busyJobs(
  tx: Tx,
  attempts: readonly AttemptId[],
): Promise<readonly BusyJob[]> {
  if (attempts.length === 0) return [];
  const { rows } = await sql<{ attempt: AttemptId; over: boolean; busy: string | null }>`
    select ci_job.attempt_id as attempt, run.state = 'ended' as over, (
      select busy.dirspace_id from work mine
      join work busy on busy.dirspace_id = mine.dirspace_id and busy.op = 'apply' and busy.ended_at is null
      where mine.run_id = ci_job.run_id and busy.run_id <> ci_job.run_id
        and (busy.state in ('granted', 'unknown') or (mine.op = 'apply' and busy.seq < mine.seq))
      limit 1
    ) as busy
    from ci_job join run on run.id = ci_job.run_id
    where ci_job.attempt_id = any(${attempts})
  `.execute(tx);
  return rows.flatMap(({ attempt, over, busy }): BusyJob[] => {
    if (over) return [{ attempt, on: undefined }];
    return busy === null ? [] : [{ attempt, on: busy }];
  });
}

/** They are out of the way until what they wait for ends. */
export async function blockJobs(tx: Tx, busy: readonly BusyJob[]): Promise<void> {
  const list = busy.map(({ attempt, on }) => ({ attempt, on: on ?? null }));
  await sql`
    update ci_job set blocked_on = given.on, blocked_at = now(),
      state = case when given.on is null then 'ended' else 'blocked' end
    from jsonb_to_recordset(${json(list)}::jsonb) as given (attempt text, "on" bigint)
    where ci_job.attempt_id = given.attempt
  `.execute(tx);
}

/**
 * Gives each its place and has it dispatched: that is done outside, idempotent by its key (S25). And what each repository
 * has had by now, and what can be left alone until it is opened again.
 */
export async function startJobs(
  tx: Tx,
  installation: InstallationId,
  { jobs, served, shares, closedLanes }: Chosen,
): Promise<void> {
  if (jobs.length === 0 && shares.length === 0 && closedLanes.length === 0) return;
  const attempts = jobs.map((job) => job.attempt);
  await sql`
    with admitted as (
      update ci_job set state = 'admitted', admitted_at = now() where attempt_id = any(${attempts})
      returning attempt_id, run_id, pull_request_id, 'dispatch:' || attempt_id as key
    ), wished as (
      insert into outbox (key, pull_request_id, effect, priority)
      select key, pull_request_id, jsonb_build_object(
        'kind', 'dispatch', 'key', key, 'runId', run_id, 'attemptId', attempt_id
      ), ${PRIORITY}::smallint
      from admitted order by array_position(${attempts}::text[], attempt_id) on conflict (key) do nothing
    ), gate as (
      update ci_gate set served = ${served} where installation_id = ${installation} and served <> ${served}
    ), lanes as (
      update ci_lane set open = false
      from jsonb_to_recordset(${json(closedLanes)}::jsonb) as closed (repository uuid, environment text)
      where ci_lane.repository_id = closed.repository and ci_lane.environment = closed.environment
    ), shares as (
      update ci_share set served = given.served, starts = given.starts, open = given.open
      from jsonb_to_recordset(${json(shares)}::jsonb)
        as given (repository uuid, served bigint, starts bigint, open boolean)
      where ci_share.repository_id = given.repository
    )
    select called.id
    from (select key from admitted order by array_position(${attempts}::text[], attempt_id)) admitted
    cross join lateral ${performCall(sql`admitted.key`, PRIORITY)} called
  `.execute(tx);
}
