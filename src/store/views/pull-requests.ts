import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import { LISTED_MAX } from "../../base/listed-max.ts";
import { type Phase, phasesOf } from "../../core/phase.ts";
import type { PullRequestView } from "../../core/pull-request.ts";
import type { PullRequestRecord, ViewStore } from "../../ports/view-store.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "../engine/rows.ts";
import { readSnapshot } from "../engine/snapshot.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";

type PullRequestViews = Pick<ViewStore, "pullRequests" | "pullRequest">;

/** The publication that is the comment. */
const COMMENT_KEY = "terrane";
const PHASES_KEPT_MAX = 2_000;

export function pullRequestViews(database: Database): PullRequestViews {
  // A list reads the state of each of its pull requests. Everything that moves a phase also moves the change
  // number, so what was read for a number is good until the next one.
  const kept = new Map<string, { readonly seq: string; readonly phases: readonly Phase[] }>();

  async function phasesFor(tx: Tx, row: ListRow): Promise<readonly Phase[]> {
    const known = kept.get(row.id);
    if (known?.seq === row.change_seq) return known.phases;
    const snapshot = await readSnapshot(tx, storedPullRequest(row), new Map());
    const all = phasesOf(snapshot.dirspaces, row.view);
    const phases = snapshot.dirspaces
      .filter((state) => state.affected !== undefined || state.apply !== undefined)
      .map((state) => all.get(state.key) ?? "unplanned");
    kept.delete(row.id);
    kept.set(row.id, { seq: row.change_seq, phases });
    const [oldest] = kept.keys();
    if (kept.size > PHASES_KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return phases;
  }

  return {
    pullRequests: () =>
      inTransaction(database, async (tx) => {
        await sql`set transaction isolation level repeatable read read only`.execute(tx);
        const { rows } = await sql<ListRow>`
          ${SELECT_HEADS} where pull.view is not null
          order by (pull.view ->> 'state' = 'open') desc, pull.updated_at desc, pull.id
          limit ${LISTED_MAX.pullRequests}
        `.execute(tx);
        const records: PullRequestRecord[] = [];
        for (const row of rows) {
          records.push({
            pullRequest: storedPullRequest(row),
            view: row.view,
            phases: await phasesFor(tx, row),
            locks: row.locks,
            updatedAt: row.updated_at.getTime() as Instant,
          });
        }
        return records;
      }),
    async pullRequest(repository, number) {
      const { rows } = await sql<HeadRow & { readonly settled: boolean }>`
        select head.*, ${IS_SETTLED} as settled from (${SELECT_HEADS}) head
        where head.repository_id::text = ${repository} and head.number = ${number}
      `.execute(database.statements);
      return rows.map((row) => ({
        pullRequest: storedPullRequest(row),
        view: row.view ?? undefined,
        locks: row.locks,
        updatedAt: row.updated_at.getTime() as Instant,
        settled: row.settled,
        comment: row.comment ?? undefined,
      }))[0];
    },
  };
}

interface HeadRow extends PullRequestRow {
  readonly view: PullRequestView | null;
  readonly change_seq: string;
  readonly updated_at: Date;
  readonly locks: number;
  readonly comment: string | null;
}

interface ListRow extends HeadRow {
  readonly view: PullRequestView;
}

const SELECT_HEADS = sql`
  select owner.*, pull.view, pull.change_seq, pull.updated_at,
    (select count(*)::int from lock where lock.pull_request_id = pull.id) as locks,
    (
      select content from publication
      where publication.pull_request_id = pull.id and publication.key = ${COMMENT_KEY}
    ) as comment
  from pull_request pull join (${SELECT_PULL_REQUEST}) owner on owner.id = pull.id
`;

/** What the local forge has not handed over yet will become an event too. */
const IS_SETTLED = sql`(
  not exists (select from event where event.pull_request_id = head.id and event.state = 'pending')
  and not exists (
    select from outbox
    where outbox.pull_request_id = head.id and outbox.done < outbox.wanted and not outbox.dead
  )
  and not exists (select from run where run.pull_request_id = head.id and run.state <> 'ended')
  and not exists (
    select from forge_event
    where head.vcs = 'local' and forge_event.repository_id = head.repository_external_id
      and forge_event.handed_over_at is null
  )
)`;
