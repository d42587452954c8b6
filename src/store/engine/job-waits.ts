import { sql } from "kysely";
import type { PullRequestId, RunId } from "../../core/ids.ts";
import type { JobWait } from "../../core/schedule/wait.ts";
import type { Database } from "../pool.ts";
import type { Tx } from "../transaction.ts";

export const POSITION_MAX = 1_000;

/** What the queued runs of a pull request wait for. */
export async function readWaits(
  statements: Tx | Database["statements"],
  pullRequest: PullRequestId,
): Promise<ReadonlyMap<RunId, JobWait>> {
  const { rows } = await sql<{
    run_id: RunId;
    position: number;
    running: number;
    apply_of: number | null;
  }>`
    select mine.run_id, (
        select count(*)::int + 1 from (
          select from ci_job ahead
          where ahead.repository_id = mine.repository_id and ahead.state = 'waiting'
            and (ahead.kind, -ahead.remaining_ms, ahead.seq) < (mine.kind, -mine.remaining_ms, mine.seq)
          limit ${POSITION_MAX}
        ) ahead
      ) as position, (
        select count(*)::int from ci_job busy
        where busy.installation_id = mine.installation_id and busy.repository_id = mine.repository_id
          and busy.state = 'admitted'
      ) as running, (
        select pull_request.number from work busy
        join pull_request on pull_request.id = busy.pull_request_id
        where busy.dirspace_id = mine.blocked_on and busy.op = 'apply' and busy.ended_at is null
        order by busy.seq limit 1
      ) as apply_of
    from ci_job mine
    where mine.pull_request_id = ${pullRequest} and mine.state in ('new', 'waiting', 'blocked')
  `.execute(statements);
  return new Map(
    rows.map(({ run_id: run, position, running, apply_of: applyOf }) => [
      run,
      { position, running, applyOf: applyOf ?? undefined },
    ]),
  );
}
