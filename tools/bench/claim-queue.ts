import { present } from "../../src/base/assert.ts";
import type { InstallationId } from "../../src/core/ids.ts";
import type { Database } from "../../src/store/pool.ts";

export interface QueueSize {
  readonly queued: number;
  /** Of these: the places of their repository are all taken. */
  readonly full: number;
  /** Of these: an apply has their dirspace. */
  readonly blocked: number;
  readonly history: number;
  readonly repositories: number;
}

export const QUEUE: QueueSize = {
  queued: 100_000,
  full: 49_500,
  blocked: 49_500,
  history: 500_000,
  repositories: 500,
};

export const QUICK_QUEUE: QueueSize = {
  queued: 10_000,
  full: 4_950,
  blocked: 4_950,
  history: 50_000,
  repositories: 50,
};

const SHA = "1".repeat(40);

/**
 * A queue as admissions leave it, one job running in each repository. Two fifths of the repositories are full, two fifths
 * wait for an apply, and in one fifth jobs can start.
 */
export async function fillQueue(database: Database, size: QueueSize): Promise<InstallationId> {
  const client = await database.pool.connect();
  try {
    // Millions of foreign keys that hold by construction.
    await client.query("set session_replication_role = replica");
    const { rows } = await client.query<{ id: InstallationId }>(
      "insert into installation (vcs, external_id) values ('fake', 'bench') returning id",
    );
    const { id } = present(rows[0], "an installation");
    await client.query("insert into ci_gate (installation_id) values ($1)", [id]);
    for (const [statement, values] of statements(id, size)) await client.query(statement, values);
    await client.query("set session_replication_role = origin");
    await client.query("vacuum analyze");
    // What filling wrote is not written out while claims are timed.
    await client.query("checkpoint");
    return id;
  } finally {
    client.release();
  }
}

type Statement = readonly [string, unknown[]];

function statements(id: InstallationId, size: QueueSize): readonly Statement[] {
  const open = size.queued - size.full - size.blocked;
  const { repositories } = size;
  return [
    [
      `with made as (
        insert into repository (installation_id, external_id, full_name, default_branch)
        select $1, n::text, 'acme/' || n, 'main' from generate_series(0, $2::int - 1) n returning id, external_id
      )
      insert into pull_request (repository_id, number) select id, external_id::int from made`,
      [id, repositories],
    ],
    [
      `create temp table place as
       select pull_request.id as pull_request_id, repository_id, number as at,
         case number % 5 when 0 then 'open' when 1 then 'full' when 2 then 'full' else 'blocked' end as what
       from pull_request`,
      [],
    ],
    [
      `insert into dirspace (repository_id, dir, workspace)
       select repository_id, 'd' || n, 'default' from place, generate_series(1, 5) n`,
      [],
    ],
    runs("history", size.history, "ended"),
    runs("full", size.full, "queued"),
    runs("blocked", size.blocked, "queued"),
    runs("open", open, "queued"),
    running(repositories),
    [
      `insert into attempt (id, run_id, ended_at, dispatched_at)
       select id, id, ended_at, case when state <> 'queued' then now() end from run`,
      [],
    ],
    WORKS,
    JOBS,
    [
      `insert into ci_share (repository_id, installation_id, open)
       select repository_id, $1, false from place`,
      [id],
    ],
    [
      `insert into ci_lane (repository_id, environment, open) select repository_id, '', what = 'open' from place`,
      [],
    ],
  ];
}

/** Spread over the repositories of which this is said; history over all of them. */
function runs(what: string, count: number, state: string): Statement {
  return [
    `insert into run (id, pull_request_id, number, kind, state, outcome, head_sha, base_sha, checkout,
       parallel, event_id, ended_at, created_at)
     select '${what}-' || n, own.pull_request_id, n + $2, case when hashint4(n) % 4 = 0 then 'apply' else 'plan' end, '${state}',
       ${state === "ended" ? "'finished'" : "null"}, '${SHA}', '${SHA}', 'merged', 1, gen_random_uuid(),
       ${state === "ended" ? "now()" : "null"}, now() - n * interval '1 second'
     from generate_series(1, $1::int) n
     join (
       select *, row_number() over (order by at) - 1 as index, count(*) over () as total
       from place where '${what}' in (what, 'history')
     ) own on own.index = n % own.total`,
    [count, what === "history" ? 0 : 1_000_000 + what.length * 1_000_000],
  ];
}

function running(repositories: number): Statement {
  return [
    `insert into run (id, pull_request_id, number, kind, state, head_sha, base_sha, checkout, parallel, event_id)
     select what || '-running-' || at, pull_request_id, 20000000, case what when 'blocked' then 'apply' else 'plan' end,
       'running', '${SHA}', '${SHA}', 'merged', 1, gen_random_uuid()
     from place where at < $1::int`,
    [repositories],
  ];
}

const WORKS: Statement = [
  `insert into work (run_id, dirspace_id, pull_request_id, op, state, seq, unit, head_sha, base_sha,
     confirmed_base_sha, fence_seen, fence, ended_at)
   select run.id, dirspace.id, run.pull_request_id, run.kind,
     case when run.state = 'ended' then case run.kind when 'apply' then 'applied' else 'planned' end
       when run.state = 'running' and run.kind = 'apply' then 'granted'
       when run.state = 'running' then 'running' else 'queued' end,
     run.number, '{}', '${SHA}', '${SHA}', '${SHA}', 0,
     case when run.kind = 'apply' and run.state <> 'queued' then 1 end, run.ended_at
   from run join place on place.pull_request_id = run.pull_request_id
   join dirspace on dirspace.repository_id = place.repository_id
     and dirspace.dir = case when run.state = 'running' or place.what = 'blocked' then 'd1'
       else 'd' || (abs(hashint4(run.number) % 5) + 1) end`,
  [],
];

const JOBS: Statement = [
  `insert into ci_job (attempt_id, run_id, pull_request_id, repository_id, installation_id, environment, kind,
     expected_ms, remaining_ms, state, blocked_on, blocked_at, admitted_at)
   select run.id, run.id, run.pull_request_id, place.repository_id, repository.installation_id, '', run.kind,
     60000, 60000 + run.number % 1000,
     case run.state when 'ended' then 'ended' when 'running' then 'admitted'
       else case place.what when 'blocked' then 'blocked' else 'waiting' end end,
     case when run.state = 'queued' and place.what = 'blocked' then dirspace.id end,
     case when run.state = 'queued' and place.what = 'blocked' then now() end,
     case run.state when 'running' then now() end
   from run join place on place.pull_request_id = run.pull_request_id
   join repository on repository.id = place.repository_id
   join dirspace on dirspace.repository_id = place.repository_id and dirspace.dir = 'd1'`,
  [],
];
