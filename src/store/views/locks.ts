import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { LockRow, ViewStore } from "../../ports/view-store.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "../engine/rows.ts";
import type { Database } from "../pool.ts";
import { LOCKS_MAX } from "./limits.ts";

/** Where nobody owns, whoever goes first keeps the others from applying just as well. */
const HELD = sql`
  select dirspace_id, pull_request_id, because, since, place from lock
  union all
  (
    select distinct on (waited.dirspace_id) waited.dirspace_id, line.pull_request_id,
      case when line.turn_since is null then 'waits' else 'turn' end, line.since, line.place
    from lock_wait_dirspace waited
    join lock_wait line on line.pull_request_id = waited.pull_request_id
    where not exists (select from lock where lock.dirspace_id = waited.dirspace_id)
    order by waited.dirspace_id, line.turn_since is null, line.place
  )
`;

export function lockViews(database: Database): Pick<ViewStore, "locks"> {
  return {
    async locks() {
      const { rows } = await sql<Row>`
        select owner.*, pull.view ->> 'title' as title, dirspace.dir, dirspace.workspace,
          held.because, held.since,
          exists (
            select from work busy where busy.dirspace_id = dirspace.id and busy.op = 'apply'
              and busy.state in ('granted', 'unknown')
          ) as busy,
          exists (
            select from work busy where busy.dirspace_id = dirspace.id and busy.op = 'apply'
              and busy.state = 'unknown'
          ) as in_doubt,
          (
            select json_agg(waiter.number order by line.place)
            from lock_wait_dirspace waited
            join lock_wait line on line.pull_request_id = waited.pull_request_id
            join pull_request waiter on waiter.id = waited.pull_request_id
            where waited.dirspace_id = dirspace.id and waiter.id <> pull.id
          ) as waiting
        from (${HELD}) held
        join dirspace on dirspace.id = held.dirspace_id
        join pull_request pull on pull.id = held.pull_request_id
        join (${SELECT_PULL_REQUEST}) owner on owner.id = pull.id
        order by held.place, dirspace.id limit ${LOCKS_MAX}
      `.execute(database.statements);
      return rows.map(lockRow);
    },
  };
}

interface Row extends PullRequestRow {
  readonly title: string | null;
  readonly dir: string;
  readonly workspace: string;
  readonly because: LockRow["because"];
  readonly since: Date;
  readonly busy: boolean;
  readonly in_doubt: boolean;
  readonly waiting: readonly number[] | null;
}

function lockRow(row: Row): LockRow {
  return {
    pullRequest: storedPullRequest(row),
    title: row.title ?? "",
    dir: row.dir,
    workspace: row.workspace,
    because: row.because,
    since: row.since.getTime() as Instant,
    applyInFlight: row.busy,
    inDoubt: row.in_doubt,
    waiting: row.waiting ?? [],
  };
}
