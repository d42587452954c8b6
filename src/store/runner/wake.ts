import { sql } from "kysely";
import type { RunId } from "../../core/ids.ts";
import type { Wake } from "../engine/ring.ts";
import type { Tx } from "../transaction.ts";

/** Many reports wake one evaluation: an event that waits already will see what is stored now. */
export const WAKE_DELAY_MS = 150;

/**
 * Only an event that is due and that nobody decides now is waited for: a decision under way has read its snapshot before
 * this commits. Whoever decides holds the event's row, so it is passed over here; whoever comes later waits for
 * our share of it, and then sees what we stored. One that was postponed may be set aside in the end.
 */
export async function wakeRun(tx: Tx, wake: Wake, runId: RunId): Promise<void> {
  const { rows } = await sql<{ pull_request_id: string }>`
    with waiting as (
      select from event join run on run.pull_request_id = event.pull_request_id
      where run.id = ${runId} and event.state = 'pending' and event.kind = 'run_progressed'
        and event.happening ->> 'runId' = run.id
        and (event.not_before is null or event.not_before <= now())
      limit 1 for share of event skip locked
    )
    insert into event (id, repository_id, pull_request_id, kind, happening)
    select gen_random_uuid(), pull_request.repository_id, pull_request.id, 'run_progressed',
      json_build_object('kind', 'run_progressed', 'runId', run.id)
    from run join pull_request on pull_request.id = run.pull_request_id
    where run.id = ${runId} and not exists (select from waiting)
    returning pull_request_id
  `.execute(tx);
  for (const row of rows) wake(row.pull_request_id, WAKE_DELAY_MS);
}
