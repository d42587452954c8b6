import { type RawBuilder, sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { ForgePullKey, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { lockRepository, writeEvents } from "./events.ts";
import { date, type PullRow, pullRequest } from "./rows.ts";

type PullRequests = Pick<
  ForgeStore,
  "openPullRequest" | "pullRequest" | "pullRequests" | "edit" | "close" | "reopen"
>;

export function forgePullRequests(database: Database): PullRequests {
  const db = database.statements;
  return {
    openPullRequest: (draft, event) =>
      inTransaction(database, (tx) => openPullRequest(tx, draft, event)),
    async pullRequest(key) {
      const { rows } = await sql<PullRow>`
        ${SELECT_PULL}
        where pull.repository_id = ${key.repository} and pull.number = ${key.number}
      `.execute(db);
      return rows.map(pullRequest)[0];
    },
    async pullRequests(repository, { state, limit, below }) {
      const { rows } = await sql<PullRow>`
        ${SELECT_PULL}
        where pull.repository_id = ${repository}
          and (${state} = 'all' or pull.state = 'open' or (
            ${state} = 'unsettled' and pull.state = 'closed' and exists (
              select 1 from forge_merge_intent intent
              where intent.repository_id = pull.repository_id and intent.number = pull.number
            )
          ))
          and pull.number < ${below ?? NUMBER_MAX}
        order by pull.number desc limit ${limit}
      `.execute(db);
      return rows.map(pullRequest);
    },
    edit: (key, change, event) =>
      inTransaction(database, async (tx) => {
        await lockRepository(tx, key.repository);
        await sql`
          update forge_pull_request set
            title = coalesce(${change.title ?? null}, title),
            body = coalesce(${change.body ?? null}, body),
            draft = coalesce(${change.draft ?? null}, draft),
            updated_at = ${date(change.at)}
          where ${isPull(key)}
        `.execute(tx);
        await writeEvents(tx, [event], change.at);
      }),
    close: (key, at, event) =>
      inTransaction(database, async (tx) => {
        await lockRepository(tx, key.repository);
        const { rows } = await sql`
          update forge_pull_request
          set state = 'closed', ended_at = ${date(at)}, updated_at = ${date(at)}
          where ${isPull(key)} and state = 'open' returning number
        `.execute(tx);
        if (rows.length === 0) return false;
        await writeEvents(tx, [event], at);
        return true;
      }),
    reopen: (key, heads, event) => inTransaction(database, (tx) => reopen(tx, key, heads, event)),
  };
}

const NUMBER_MAX = 2_147_483_647;

const SELECT_PULL = sql`
  select pull.number, pull.title, pull.body, pull.state, pull.draft, pull.head_ref, pull.base_ref,
    pull.head_sha, pull.base_sha, pull.merge_sha, pull.merged_by, pull.created_at, pull.updated_at, pull.ended_at,
    pull.author_id, author.login as author_login, merger.login as merger_login
  from forge_pull_request pull
  join forge_account author on author.id = pull.author_id
  left join forge_account merger on merger.id = pull.merged_by
`;

export function isPull(key: ForgePullKey): RawBuilder<unknown> {
  return sql`repository_id = ${key.repository} and number = ${key.number}`;
}

async function openPullRequest(
  tx: Tx,
  draft: Parameters<ForgeStore["openPullRequest"]>[0],
  event: Parameters<ForgeStore["openPullRequest"]>[1],
): ReturnType<ForgeStore["openPullRequest"]> {
  await lockRepository(tx, draft.repository);
  // Sure under the lock; the partial unique index stands behind it.
  const existing = await openPair(tx, draft.repository, draft.headRef, draft.baseRef);
  if (existing !== undefined) return { kind: "exists", number: existing };
  const number = present(
    await takeNumber(tx, draft.repository),
    "forge: the repository of a new pull request is gone",
  );
  await sql`
    insert into forge_pull_request (
      repository_id, number, title, body, author_id, state, draft,
      head_ref, base_ref, head_sha, base_sha, created_at, updated_at
    ) values (
      ${draft.repository}, ${number}, ${draft.title}, ${draft.body}, ${draft.author}, 'open',
      ${draft.draft}, ${draft.headRef}, ${draft.baseRef}, ${draft.headSha}, ${draft.baseSha},
      ${date(draft.at)}, ${date(draft.at)}
    )
  `.execute(tx);
  await writeEvents(tx, [event(number)], draft.at);
  return { kind: "opened", number };
}

/** Issues and pull requests share one row of numbers. */
export async function takeNumber(tx: Tx, repository: string): Promise<number | undefined> {
  const { rows } = await sql<{ number: number }>`
    update forge_repository set next_number = next_number + 1
    where id = ${repository} returning next_number - 1 as number
  `.execute(tx);
  return rows[0]?.number;
}

async function reopen(
  tx: Tx,
  key: ForgePullKey,
  heads: Parameters<ForgeStore["reopen"]>[1],
  event: Parameters<ForgeStore["reopen"]>[2],
): ReturnType<ForgeStore["reopen"]> {
  await lockRepository(tx, key.repository);
  const { rows } = await sql<{ head_ref: string; base_ref: string }>`
    select head_ref, base_ref from forge_pull_request where ${isPull(key)} and state = 'closed'
  `.execute(tx);
  const [row] = rows;
  if (row === undefined) return { kind: "not_closed" };
  const existing = await openPair(tx, key.repository, row.head_ref, row.base_ref);
  if (existing !== undefined) return { kind: "exists", number: existing };
  await sql`
    update forge_pull_request
    set state = 'open', ended_at = null, updated_at = ${date(heads.at)},
      head_sha = ${heads.headSha}, base_sha = ${heads.baseSha}
    where ${isPull(key)}
  `.execute(tx);
  await writeEvents(tx, [event], heads.at);
  return { kind: "reopened" };
}

async function openPair(
  tx: Tx,
  repository: string,
  headRef: string,
  baseRef: string,
): Promise<number | undefined> {
  const { rows } = await sql<{ number: number }>`
    select number from forge_pull_request
    where repository_id = ${repository} and head_ref = ${headRef} and base_ref = ${baseRef}
      and state = 'open'
  `.execute(tx);
  return rows[0]?.number;
}
