import { sql } from "kysely";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction } from "../transaction.ts";
import { wakeEffect, wakePullRequest } from "./jobs.ts";

/** What waits longer than this has lost its job: a worker died for good, or gave up after many tries. */
const OVERDUE_SECONDS = 30;
const SWEEP_MAX = 200;

/** L33, L39: whatever is stored and due is woken again, however its job got lost. */
export function sweepStore(database: Database): Pick<EngineStore, "wakeOverdue"> {
  return {
    wakeOverdue: () =>
      inTransaction(database, async (tx) => {
        const { rows: events } = await sql<{ pull_request_id: string }>`
          select distinct pull_request_id from event
          where state = 'pending' and received_at < now() - ${OVERDUE_SECONDS} * interval '1 second'
            and not exists (
              select from graphile_worker.jobs job
              where job.key = 'advance:' || event.pull_request_id and job.attempts < job.max_attempts
            )
          limit ${SWEEP_MAX}
        `.execute(tx);
        for (const row of events) await wakePullRequest(tx, row.pull_request_id);
        const { rows: effects } = await sql<{ key: string; kind: string }>`
          select key, effect ->> 'kind' as kind from outbox
          where done < wanted and not dead and created_at < now() - ${OVERDUE_SECONDS} * interval '1 second'
            and not exists (
              select from graphile_worker.jobs job
              where job.key = 'perform:' || outbox.key and job.attempts < job.max_attempts
            )
          order by priority, seq limit ${SWEEP_MAX}
        `.execute(tx);
        for (const row of effects) await wakeEffect(tx, row.key, row.kind);
      }),
  };
}
