import { sql } from "kysely";
import type { PullRequestId, RunId } from "../../core/ids.ts";
import { type JobCaps, reachedCaps } from "../../core/schedule/caps.ts";
import type { JobWait } from "../../core/schedule/wait.ts";
import type { Database } from "../pool.ts";
import type { Tx } from "../transaction.ts";

export const POSITION_MAX = 1_000;

/** What the queued runs of a pull request wait for. */
export async function readWaits(
  statements: Tx | Database["statements"],
  pullRequest: PullRequestId,
  caps: JobCaps,
): Promise<ReadonlyMap<RunId, JobWait>> {
  const { rows } = await sql<{
    run_id: RunId;
    position: number;
    installation: string;
    repository: string;
    environment: string;
    running_installation: number;
    running_repository: number;
    running_environment: number;
    apply_of: number | null;
  }>`
    select mine.run_id, installation.external_id as installation, repository.full_name as repository, mine.environment, (
        select count(*)::int + 1 from (
          select from ci_job ahead
          where ahead.repository_id = mine.repository_id and ahead.state = 'waiting'
            and (ahead.kind, -ahead.remaining_ms, ahead.seq) < (mine.kind, -mine.remaining_ms, mine.seq)
          limit ${POSITION_MAX}
        ) ahead
      ) as position, places.*, (
        select pull_request.number from work busy
        join pull_request on pull_request.id = busy.pull_request_id
        where busy.dirspace_id = mine.blocked_on and busy.op = 'apply' and busy.ended_at is null
        order by busy.seq limit 1
      ) as apply_of
    from ci_job mine
    join installation on installation.id = mine.installation_id
    join repository on repository.id = mine.repository_id
    -- Those that have a place in the installation are as many as its cap, so all three come from one look at them.
    cross join lateral (
      select count(*)::int as running_installation,
        (count(*) filter (where busy.repository_id = mine.repository_id))::int as running_repository,
        (count(*) filter (
          where busy.repository_id = mine.repository_id and busy.environment = mine.environment
        ))::int as running_environment
      from ci_job busy where busy.installation_id = mine.installation_id and busy.state = 'admitted'
    ) places
    where mine.pull_request_id = ${pullRequest} and mine.state in ('new', 'waiting', 'blocked')
  `.execute(statements);
  return new Map(
    rows.map((row) => [
      row.run_id,
      {
        position: row.position,
        running: row.running_repository,
        caps: reachedCaps(caps, {
          installation: { name: row.installation, running: row.running_installation },
          repository: { name: row.repository, running: row.running_repository },
          environment: { name: row.environment, running: row.running_environment },
        }),
        applyOf: row.apply_of ?? undefined,
      },
    ]),
  );
}
