import { sql } from "kysely";
import { present } from "../../src/base/assert.ts";
import type { InstallationId, RepositoryId } from "../../src/core/ids.ts";
import type { Database } from "../../src/store/pool.ts";
import { sha } from "./core-world.ts";

export interface QueueRepository {
  readonly id: RepositoryId;
  readonly pullRequest: string;
}

/** An installation with repositories `acme/1`, `acme/2`, … of one pull request each, stored without an engine. */
export async function makeInstallation(
  database: Database,
  repositories: number,
  name = "queue",
): Promise<{ readonly id: InstallationId; readonly repositories: readonly QueueRepository[] }> {
  const db = database.statements;
  const { rows } = await sql<{ id: InstallationId }>`
    insert into installation (vcs, external_id) values ('fake', ${name}) returning id
  `.execute(db);
  const { id } = present(rows[0], "an installation");
  const made = await sql<{ id: RepositoryId; pull_request: string }>`
    with made as (
      insert into repository (installation_id, external_id, full_name, default_branch)
      select ${id}, n::text, 'acme/' || n, 'main' from generate_series(1, ${repositories}::int) n
      returning id, external_id
    ), pulls as (
      insert into pull_request (repository_id, number) select id, 1 from made returning id, repository_id
    )
    select made.id, pulls.id as pull_request from made join pulls on pulls.repository_id = made.id
    order by made.external_id::int
  `.execute(db);
  return {
    id,
    repositories: made.rows.map((row) => ({ id: row.id, pullRequest: row.pull_request })),
  };
}

export interface QueuedRuns {
  /** Ids are `name-1`, `name-2`, …; those of runs and attempts are the same. */
  readonly name: string;
  readonly count?: number;
  readonly kind?: "plan" | "apply";
  readonly environment?: string;
  readonly expectedMs?: number;
  readonly remainingMs?: number;
  /** Each works on this directory. */
  readonly dir?: string;
}

/** Runs whose jobs wait, as a decision would have stored them. */
export async function queueRuns(
  database: Database,
  installation: InstallationId,
  repository: QueueRepository,
  runs: QueuedRuns,
): Promise<void> {
  const { name, count = 1, kind = "plan", environment = "", dir } = runs;
  const expected = runs.expectedMs ?? 1_000;
  await sql`
    with numbered as (
      select ${name} || '-' || n as id,
        n + coalesce((select max(number) from run where pull_request_id = ${repository.pullRequest}), 0) as number
      from generate_series(1, ${count}::int) n
    ), made as (
      insert into run (id, pull_request_id, number, kind, head_sha, base_sha, checkout, parallel, event_id)
      select id, ${repository.pullRequest}, number, ${kind}, ${sha(1)}, ${sha(1)}, 'merged', 1, gen_random_uuid()
      from numbered
    ), tried as (
      insert into attempt (id, run_id) select id, id from numbered
    )
    insert into ci_job (attempt_id, run_id, pull_request_id, repository_id, installation_id, environment,
      kind, expected_ms, remaining_ms)
    select id, id, ${repository.pullRequest}, ${repository.id}, ${installation}, ${environment},
      ${kind}, ${expected}, ${runs.remainingMs ?? expected}
    from numbered order by number
  `.execute(database.statements);
  if (dir !== undefined) await workOn(database, repository, dir, { name, count, kind });
}

async function workOn(
  database: Database,
  repository: QueueRepository,
  dir: string,
  { name, count, kind }: { readonly name: string; readonly count: number; readonly kind: string },
): Promise<void> {
  await sql`
    insert into dirspace (repository_id, dir, workspace) values (${repository.id}, ${dir}, 'default')
    on conflict do nothing
  `.execute(database.statements);
  await sql`
    with place as (
      update dirspace set last_seq = last_seq + ${count}
      where repository_id = ${repository.id} and dir = ${dir} returning id, last_seq
    )
    insert into work (run_id, dirspace_id, pull_request_id, op, seq, unit, head_sha, base_sha,
      confirmed_base_sha, fence_seen)
    select ${name} || '-' || n, place.id, ${repository.pullRequest}, ${kind}, place.last_seq - ${count} + n,
      '{}', ${sha(1)}, ${sha(1)}, ${sha(1)}, 0
    from place, generate_series(1, ${count}::int) n
  `.execute(database.statements);
}

/** Those with a place now. */
export async function admitted(database: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select attempt_id as id from ci_job where state = 'admitted' order by seq
  `.execute(database.statements);
  return rows.map((row) => row.id);
}
