import { sql } from "kysely";
import type { RunId } from "../../core/ids.ts";
import type { Wake } from "../engine/ring.ts";
import type { Tx } from "../transaction.ts";

/** Many reports wake one evaluation: an event that waits already will see what is stored now. */
export const WAKE_DELAY_MS = 150;

export async function wakeRun(tx: Tx, wake: Wake, runId: RunId): Promise<void> {
  const { rows } = await sql<{ pull_request_id: string }>`
    insert into event (id, repository_id, pull_request_id, kind, happening)
    select gen_random_uuid(), pull_request.repository_id, pull_request.id, 'run_progressed',
      json_build_object('kind', 'run_progressed', 'runId', run.id)
    from run join pull_request on pull_request.id = run.pull_request_id
    where run.id = ${runId} and not exists (
      select from event waiting where waiting.pull_request_id = run.pull_request_id
        and waiting.state = 'pending' and waiting.kind = 'run_progressed'
        and waiting.happening ->> 'runId' = run.id
    )
    returning pull_request_id
  `.execute(tx);
  for (const row of rows) wake(row.pull_request_id, WAKE_DELAY_MS);
}
