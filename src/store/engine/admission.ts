import { sql } from "kysely";
import type { AttemptId } from "../../core/ids.ts";
import type { JobCap, JobCaps } from "../../core/schedule/caps.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inStatement } from "../transaction.ts";
import { performCall } from "./jobs.ts";
import { priorityOf } from "./outbox.ts";
import { json } from "./rows.ts";

/** One transaction starts no more than these, so that it never holds the gate for long. */
export const STARTS_MAX = 16;
/** Nor does it look for a job more often; one that is found to be blocked is not found again. */
export const LOOKS_MAX = 200;
/** It hears no more than these of each kind. */
const NEWS_MAX = 500;
const PRIORITY = priorityOf({ kind: "dispatch" });

/**
 * S9: whoever admits holds the installation's gate, so the jobs counted are all there are. One statement, one round trip:
 * `ci_admit` chooses, and what it started is dispatched outside, idempotent by its key (S25). Sent twice it starts no
 * more than there is room for.
 */
export function admissionStore(database: Database): Pick<EngineStore, "admit"> {
  return {
    admit: (installation, caps) =>
      inStatement(database, async (statements) => {
        const { rows } = await sql<{ attempt: AttemptId | null; more: boolean }>`
          with admitted as materialized (
            select ci_admit(
              ${installation}, ${json(plainCaps(caps))}::jsonb, ${STARTS_MAX}, ${LOOKS_MAX}, ${NEWS_MAX}
            ) as done
          ), started as materialized (
            select 'dispatch:' || (one ->> 'attempt') as key, one, place
            from admitted, jsonb_array_elements(done -> 'started') with ordinality as list (one, place)
          ), wished as (
            insert into outbox (key, pull_request_id, effect, priority)
            select key, (one ->> 'pullRequest')::uuid, jsonb_build_object(
              'kind', 'dispatch', 'key', key, 'runId', one ->> 'run', 'attemptId', one ->> 'attempt'
            ), ${PRIORITY}::smallint
            from started order by place on conflict (key) do nothing
          ), called as materialized (
            select started.one, started.place, call.id
            from (select * from started order by place) started
            cross join lateral ${performCall(sql`started.key`, PRIORITY)} call
          )
          select (admitted.done ->> 'more')::boolean as more, called.one ->> 'attempt' as attempt
          from admitted left join called on called.id is not null order by called.place
        `.execute(statements);
        return {
          started: rows.flatMap(({ attempt }) => (attempt === null ? [] : [attempt])),
          more: rows.some((row) => row.more),
        };
      }),
  };
}

function plainCaps({ installation, repository, environment }: JobCaps): object {
  const plain = ({ max, of }: JobCap) => ({ max, of: Object.fromEntries(of) });
  return {
    installation: plain(installation),
    repository: plain(repository),
    environment: plain(environment),
  };
}
