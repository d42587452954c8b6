import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { PullRequestId } from "../../core/ids.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";

const LAPSED_MAX = 100;

/** The deadline is the database's (L41); whether the turn is over is decided with the pull request's row held. */
export function lapsedTurnStore(database: Database): Pick<EngineStore, "lapsedTurns"> {
  return {
    async lapsedTurns(afterMs) {
      const { rows } = await sql<{ id: PullRequestId; turn_since: Date }>`
        select wait.pull_request_id as id, wait.turn_since from lock_wait wait
        where wait.turn_since < now() - ${afterMs} * interval '1 millisecond'
          and not exists (select from lock own where own.pull_request_id = wait.pull_request_id)
          and not exists (
            select from run where run.pull_request_id = wait.pull_request_id and run.state <> 'ended'
          )
          and not exists (
            select from event where event.pull_request_id = wait.pull_request_id
              and event.state = 'pending' and event.kind = 'turn_over'
          )
          and exists (
            select from lock_wait_dirspace mine
            where mine.pull_request_id = wait.pull_request_id and (
              exists (
                select from lock_wait_dirspace other where other.dirspace_id = mine.dirspace_id
                  and other.pull_request_id <> mine.pull_request_id
              ) or exists (select from lock other where other.dirspace_id = mine.dirspace_id)
            )
          )
        order by wait.turn_since limit ${LAPSED_MAX}
      `.execute(database.statements);
      return rows.map((row) => ({
        pullRequest: row.id,
        since: row.turn_since.getTime() as Instant,
      }));
    },
  };
}
