import { sql } from "kysely";
import type { Effect } from "../../core/decision.ts";
import type { AttemptId } from "../../core/ids.ts";
import { EXPECTED_MS } from "../../core/schedule/expected.ts";
import type { Tx } from "../transaction.ts";
import { wakeAdmission } from "./jobs.ts";

/** What everybody else tells the admission. Inserts only: no decision waits for it, and it waits for none. */

/** A CI job takes its place at the end of the queue. */
export async function queueJob(
  tx: Tx,
  effect: Extract<Effect, { kind: "dispatch" }>,
): Promise<void> {
  const { rows } = await sql<Woken>`
    insert into ci_job (attempt_id, run_id, pull_request_id, repository_id, installation_id, environment,
      kind, expected_ms, remaining_ms)
    select attempt.id, run.id, run.pull_request_id, repository.id, repository.installation_id,
      coalesce((
        select work.unit #>> '{affected,workflow,environment}' from work
        where work.run_id = run.id order by work.dirspace_id limit 1
      ), ''),
      run.kind, coalesce(run.expected_ms, ${EXPECTED_MS}), coalesce(run.remaining_ms, ${EXPECTED_MS})
    from attempt
    join run on run.id = attempt.run_id
    join pull_request on pull_request.id = run.pull_request_id
    join repository on repository.id = pull_request.repository_id
    where attempt.id = ${effect.attemptId}
    on conflict do nothing
    returning installation_id, pull_request_id
  `.execute(tx);
  await wake(tx, rows);
}

/** An attempt is over, or its run is: its place may be free, or is not wanted any more. */
export async function tellAttemptOver(tx: Tx, attempt: AttemptId): Promise<void> {
  const { rows } = await sql<Woken>`
    with told as (
      insert into ci_news (installation_id, attempt_id)
      select installation_id, attempt_id from ci_job
      where attempt_id = ${attempt} and state <> 'ended'
      returning attempt_id
    )
    select ci_job.installation_id, ci_job.pull_request_id from told
    join ci_job on ci_job.attempt_id = told.attempt_id
  `.execute(tx);
  await wake(tx, rows);
}

/** The apply of this run and dirspace has ended: others of the dirspace may start. */
export async function tellApplyEnded(tx: Tx, runId: string, dirspaceId: string): Promise<void> {
  const { rows } = await sql<Woken>`
    with told as (
      insert into ci_news (installation_id, dirspace_id)
      select repository.installation_id, dirspace.id
      from dirspace join repository on repository.id = dirspace.repository_id
      where dirspace.id = ${dirspaceId}
      returning installation_id
    )
    select told.installation_id, run.pull_request_id from told, run where run.id = ${runId}
  `.execute(tx);
  await wake(tx, rows);
}

interface Woken {
  readonly installation_id: string;
  readonly pull_request_id: string;
}

async function wake(tx: Tx, rows: readonly Woken[]): Promise<void> {
  for (const row of rows) await wakeAdmission(tx, row.installation_id, row.pull_request_id);
}
