import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { RepositoryId, RunId } from "../../core/ids.ts";
import type { SetupTraces } from "../../ports/view-store.ts";
import type { Database } from "../pool.ts";

/** What the first jobs and runs of a repository left behind; the oldest pull requests are looked at first. */
export async function setupTraces(
  database: Database,
  repository: RepositoryId,
): Promise<SetupTraces> {
  const jobs = sql`
    attempt join run on run.id = attempt.run_id
    join pull_request on pull_request.id = run.pull_request_id
  `;
  const of = sql`pull_request.repository_id = ${repository}`;
  const first = (state: string) => sql`
    select pull_request.number from pull_request
    where ${of} and exists (
      select from work where work.pull_request_id = pull_request.id and work.state = ${state}
    ) order by pull_request.number limit 1
  `;
  const { rows } = await sql<Row>`
    select (select extract(epoch from heard_at) * 1000 from repository where id = ${repository})::float8 as heard,
      (select min(number) from pull_request where ${of} and view is not null) as pull_request,
      exists (select from ${jobs} where ${of} and claimed_at is not null) as claimed,
      exists (
        select from ${jobs} where ${of} and dispatched_at is not null and attempt.ended_at is null
      ) as started,
      (${first("planned")}) as plan, (${first("applied")}) as apply, failed.*
    from (select) as nothing left join lateral (
      select run.id as run, attempt.ci_url as url, coalesce(attempt.failure ->> 'message', run.message) as message,
        attempt.ci_run is not null as began
      from ${jobs} where ${of} and claimed_at is null and run.state = 'ended'
      order by attempt.created_at desc limit 1
    ) as failed on true
  `.execute(database.statements);
  const [row] = rows;
  if (row === undefined) throw new Error("a row without a table is always there");
  return {
    heardAt: row.heard === null ? undefined : (Math.floor(row.heard) as Instant),
    pullRequest: row.pull_request ?? undefined,
    claimed: row.claimed,
    startedJob: row.started,
    failedJob:
      row.claimed || row.run === null
        ? undefined
        : {
            run: row.run,
            url: row.url ?? undefined,
            message: row.message ?? undefined,
            started: row.began === true,
          },
    plan: row.plan ?? undefined,
    apply: row.apply ?? undefined,
  };
}

interface Row {
  readonly heard: number | null;
  readonly pull_request: number | null;
  readonly claimed: boolean;
  readonly started: boolean;
  readonly plan: number | null;
  readonly apply: number | null;
  readonly run: RunId | null;
  readonly url: string | null;
  readonly message: string | null;
  readonly began: boolean | null;
}
