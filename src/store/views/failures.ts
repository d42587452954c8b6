import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { Instant } from "../../base/brand.ts";
import type { PullRequestId } from "../../core/ids.ts";
import type { Bell } from "../../ports/bell.ts";
import type { FailureStore, SetAside } from "../../ports/failure-store.ts";
import { wakeEffect } from "../engine/jobs.ts";
import { thenRing } from "../engine/ring.ts";
import type { Database } from "../pool.ts";
import type { Tx } from "../transaction.ts";

const LIST_MAX = 200;

export function failureStore(database: Database, bell: Bell): FailureStore {
  return {
    async setAside() {
      const { rows } = await sql<Omit<SetAside, "since"> & { readonly since: Date }>`
        with failed as (
          select 'event-' || id as id, 'event' as kind, event.kind as what, pull_request_id,
            coalesce(error, '') as error, attempts, received_at as since
          from event where state = 'dead'
          union all
          select 'effect-' || key, 'effect', effect ->> 'kind', pull_request_id,
            coalesce(error, ''), attempts, created_at
          from outbox where dead
        )
        select failed.id, failed.kind, failed.what, repository.full_name as repository,
          repository.id as "repositoryId",
          pull_request.number as "pullRequest", failed.error, failed.attempts, failed.since
        from failed join pull_request on pull_request.id = failed.pull_request_id
        join repository on repository.id = pull_request.repository_id
        order by failed.since desc limit ${LIST_MAX}
      `.execute(database.statements);
      return rows.map((row) => ({ ...row, since: row.since.getTime() as Instant }));
    },
    async backlog() {
      const { rows } = await sql<{
        effects: number;
        events: number;
        first_look: number;
        free_place: number;
        apply: number;
      }>`
        select (select count(*)::int from outbox where dead) as effects,
          (select count(*)::int from event where state = 'dead') as events,
          (select count(*)::int from ci_job where state = 'new') as first_look,
          (select count(*)::int from ci_job where state = 'waiting') as free_place,
          (select count(*)::int from ci_job where state = 'blocked') as apply
      `.execute(database.statements);
      const { effects, events, ...ciJobsWaiting } = present(rows[0], "one row of counts");
      return { effectsDead: effects, eventsSetAside: events, ciJobsWaiting };
    },
    repeat: (id) =>
      thenRing(database, bell, async (tx, wake) => {
        const pullRequest = id.startsWith("event-")
          ? await repeatEvent(tx, id.slice("event-".length))
          : await repeatEffect(tx, id.slice("effect-".length));
        if (pullRequest !== undefined) wake(pullRequest);
        return pullRequest;
      }),
  };
}

async function repeatEvent(tx: Tx, id: string): Promise<PullRequestId | undefined> {
  const { rows } = await sql<{ id: PullRequestId }>`
    update event set state = 'pending', attempts = 0, not_before = null
    where id::text = ${id} and state = 'dead' returning pull_request_id as id
  `.execute(tx);
  return rows[0]?.id;
}

async function repeatEffect(tx: Tx, key: string): Promise<PullRequestId | undefined> {
  const { rows } = await sql<{ id: PullRequestId; kind: string; priority: number }>`
    update outbox set dead = false, attempts = 0 where key = ${key} and dead
    returning pull_request_id as id, effect ->> 'kind' as kind, priority
  `.execute(tx);
  const row = rows[0];
  if (row !== undefined) await wakeEffect(tx, { key, kind: row.kind, priority: row.priority });
  return row?.id;
}
