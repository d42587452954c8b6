import { sql } from "kysely";
import type { PullRequestId } from "../../core/ids.ts";
import type { Bell } from "../../ports/bell.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction } from "../transaction.ts";
import { wakeAdmissions } from "./admission-sweep.ts";
import { wakeEffect } from "./jobs.ts";

/** Whoever stored an event decides it at once. One that still waits after this long has lost its server. */
export const EVENT_OVERDUE_SECONDS = 3;
/** A server that has not said for this long that it lives decides nothing any more. */
const SERVER_GONE_SECONDS = 10;
/** Looked through at once; a pull request may have many of them. */
const EVENTS_MAX = 1_000;
/** An effect that waits longer than this has lost its job: a worker died for good, or gave up after many tries. */
export const OVERDUE_SECONDS = 30;
/** The queue's own pauses grow to six hours. Once the cause is gone nothing may wait that long (L33, L37). */
export const PAUSE_SECONDS_MAX = 120;
export const PAUSE_MS = 60_000;
export const SWEEP_MAX = 200;

/** L33, L39: whatever is stored and due is woken again, however its wake-up got lost. */
export function sweepStore(database: Database, bell: Bell): Pick<EngineStore, "wakeOverdue"> {
  return {
    async wakeOverdue() {
      for (const pullRequest of await overdueEvents(database)) bell.ring(pullRequest);
      await wakeEffects(database);
      await wakeAdmissions(database);
    },
  };
}

/** Oldest first, by the index `event_due`, whatever has been decided before. */
async function overdueEvents(database: Database): Promise<readonly PullRequestId[]> {
  const { rows } = await sql<{ id: PullRequestId }>`
    with overdue as (
      select pull_request_id, coalesce(not_before, received_at) as due from event
      where state = 'pending'
        and coalesce(not_before, received_at) < now() - ${EVENT_OVERDUE_SECONDS} * interval '1 second'
      order by coalesce(not_before, received_at) limit ${EVENTS_MAX}
    )
    select pull_request_id as id from overdue
    where not exists (
      select from server where pull_request_id = any(server.advancing)
        and server.seen_at > now() - ${SERVER_GONE_SECONDS} * interval '1 second'
    )
    group by pull_request_id order by min(due) limit ${SWEEP_MAX}
  `.execute(database.statements);
  return rows.map((row) => row.id);
}

function wakeEffects(database: Database): Promise<void> {
  return inTransaction(database, async (tx) => {
    const { rows } = await sql<{ key: string; kind: string; priority: number; paused: boolean }>`
      select key, effect ->> 'kind' as kind, priority, exists (
        select from graphile_worker.jobs job where job.key = 'perform:' || outbox.key
      ) as paused
      from outbox
      where done < wanted and not dead and created_at < now() - ${OVERDUE_SECONDS} * interval '1 second'
        and not_before <= now()
        and not exists (
          select from graphile_worker.jobs job
          where job.key = 'perform:' || outbox.key and job.attempts < job.max_attempts
            and job.run_at < now() + ${PAUSE_SECONDS_MAX} * interval '1 second'
        )
      order by priority, seq limit ${SWEEP_MAX}
    `.execute(tx);
    for (const { key, kind, priority, paused } of rows) {
      await wakeEffect(tx, { key, kind, priority }, paused ? PAUSE_MS : 0);
    }
  });
}
