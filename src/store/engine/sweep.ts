import { sql } from "kysely";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction } from "../transaction.ts";
import { wakeEffect, wakePullRequest } from "./jobs.ts";

/** What waits longer than this has lost its job: a worker died for good, or gave up after many tries. */
export const OVERDUE_SECONDS = 30;
/** The queue's own pauses grow to six hours. Once the cause is gone nothing may wait that long (L33, L37). */
export const PAUSE_SECONDS_MAX = 120;
export const PAUSE_MS = 60_000;
export const SWEEP_MAX = 200;

const isLookedAfter = sql`job.attempts < job.max_attempts
  and job.run_at < now() + ${PAUSE_SECONDS_MAX} * interval '1 second'`;

/** L33, L39: whatever is stored and due is woken again, however its job got lost. */
export function sweepStore(database: Database): Pick<EngineStore, "wakeOverdue"> {
  return {
    wakeOverdue: () =>
      inTransaction(database, async (tx) => {
        const { rows: events } = await sql<{ pull_request_id: string; paused: boolean }>`
          select distinct pull_request_id, exists (
            select from graphile_worker.jobs job where job.key = 'advance:' || event.pull_request_id
          ) as paused
          from event
          where state = 'pending' and received_at < now() - ${OVERDUE_SECONDS} * interval '1 second'
            and not exists (
              select from graphile_worker.jobs job
              where job.key = 'advance:' || event.pull_request_id and ${isLookedAfter}
            )
          limit ${SWEEP_MAX}
        `.execute(tx);
        for (const row of events) {
          await wakePullRequest(tx, row.pull_request_id, row.paused ? PAUSE_MS : 0);
        }
        const { rows: effects } = await sql<{ key: string; kind: string; paused: boolean }>`
          select key, effect ->> 'kind' as kind, exists (
            select from graphile_worker.jobs job where job.key = 'perform:' || outbox.key
          ) as paused
          from outbox
          where done < wanted and not dead and created_at < now() - ${OVERDUE_SECONDS} * interval '1 second'
            and not exists (
              select from graphile_worker.jobs job
              where job.key = 'perform:' || outbox.key and ${isLookedAfter}
            )
          order by priority, seq limit ${SWEEP_MAX}
        `.execute(tx);
        for (const row of effects) {
          await wakeEffect(tx, row.key, row.kind, row.paused ? PAUSE_MS : 0);
        }
      }),
  };
}
