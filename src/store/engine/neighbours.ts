import { sql } from "kysely";
import type { Happening } from "../../core/event.ts";
import type { Bell } from "../../ports/bell.ts";
import type { EngineStore } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { insertEvent } from "./intake.ts";
import { thenRing } from "./ring.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "./rows.ts";

type NeighbourStore = Pick<EngineStore, "tellNeighbours" | "pullRequestByNumber">;

export function neighbourStore(database: Database, bell: Bell): NeighbourStore {
  return {
    // What is over and holds nothing, waits for nothing and runs nothing is history, and there is ever more of that.
    tellNeighbours: (from, effect) =>
      thenRing(database, bell, async (tx, wake) => {
        const { rows } = await sql<{ id: string; event_id: string }>`
          select distinct other.id, md5(${effect.key} || other.id::text)::uuid as event_id
          from pull_request_dirspace member
          join dirspace on dirspace.id = member.dirspace_id
          join pull_request other on other.id = member.pull_request_id
          where dirspace.repository_id = ${from.repository.id}
            and dirspace.dir || ':' || dirspace.workspace = any(${effect.dirspaces})
            and other.id <> ${from.id} and (
              other.view ->> 'state' = 'open'
              or exists (select from lock where lock.pull_request_id = other.id)
              or exists (select from lock_wait where lock_wait.pull_request_id = other.id)
              or exists (select from run where run.pull_request_id = other.id and run.state <> 'ended')
            )
          order by other.id
        `.execute(tx);
        const { number } = from;
        const { because } = effect;
        const happening: Happening = { kind: "neighbour_changed", number, because };
        for (const row of rows) {
          // The event's id follows from the effect's key, so telling twice is telling once (S25).
          await insertEvent(tx, row.id, row.event_id, happening);
          wake(row.id);
        }
      }),
    async pullRequestByNumber(repository, number) {
      const { rows } = await sql<PullRequestRow>`
        ${SELECT_PULL_REQUEST}
        where pull_request.repository_id = ${repository} and pull_request.number = ${number}
      `.execute(database.statements);
      return rows.map(storedPullRequest)[0];
    },
  };
}
