import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { ForgeComment, ForgeReview, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction } from "../transaction.ts";
import { lockRepository, writeEvents } from "./events.ts";
import { isPull } from "./pull-requests.ts";
import { account, date, instant } from "./rows.ts";

type Comments = Pick<
  ForgeStore,
  "addComment" | "putComment" | "outdateComment" | "acknowledge" | "comment" | "comments"
>;

interface CommentRow {
  readonly id: string;
  readonly author_id: string | null;
  readonly author_login: string | null;
  readonly body: string;
  readonly edits: number;
  readonly acknowledged_at: Date | null;
  readonly outdated_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** More than anybody reads; the oldest are kept. */
const CONVERSATION_MAX = 5_000;

/** Ids are numbers here, and anything in the mouth of a caller. */
const NUMERIC_ID = /^\d{1,18}$/;

export function forgeComments(database: Database): Comments {
  const db = database.statements;
  return {
    addComment: (key, comment, event) =>
      inTransaction(database, async (tx) => {
        await lockRepository(tx, key.repository);
        const { rows } = await sql<{ id: string }>`
          insert into forge_comment (repository_id, number, author_id, body, created_at, updated_at)
          values (
            ${key.repository}, ${key.number}, ${comment.author}, ${comment.body},
            ${date(comment.at)}, ${date(comment.at)}
          ) returning id
        `.execute(tx);
        const { id } = present(rows[0], "forge: a comment was stored without an id");
        await writeEvents(tx, [event(id)], comment.at);
        return id;
      }),
    async putComment(key, comment) {
      const { rows } = await sql<{ id: string }>`
        insert into forge_comment (repository_id, number, key, body, created_at, updated_at)
        values (
          ${key.repository}, ${key.number}, ${comment.key}, ${comment.body},
          ${date(comment.at)}, ${date(comment.at)}
        )
        on conflict (repository_id, number, key) do update set
          body = excluded.body,
          -- The same text again is a repeated call and no edit that people should see.
          edits = forge_comment.edits + (forge_comment.body <> excluded.body)::int,
          updated_at = case
            when forge_comment.body <> excluded.body then excluded.updated_at
            else forge_comment.updated_at
          end
        returning id
      `.execute(db);
      return present(rows[0], "forge: a comment was stored without an id").id;
    },
    async outdateComment(pull, { key, how, at }) {
      const which = sql`${isPull(pull)} and key = ${key}`;
      await (how === "deleted"
        ? sql`delete from forge_comment where ${which}`
        : sql`
            update forge_comment set outdated_at = coalesce(outdated_at, ${date(at)}) where ${which}
          `
      ).execute(db);
    },
    async acknowledge(key, comment, at) {
      if (!NUMERIC_ID.test(comment)) return false;
      const { rows } = await sql`
        update forge_comment set acknowledged_at = coalesce(acknowledged_at, ${date(at)})
        where id = ${comment} and ${isPull(key)} returning id
      `.execute(db);
      return rows.length > 0;
    },
    async comment(key, id) {
      if (!NUMERIC_ID.test(id)) return undefined;
      const { rows } = await sql<CommentRow>`
        ${COMMENT} where comment.id = ${id} and ${isPull(key)}
      `.execute(db);
      return rows.map(commentOf)[0];
    },
    async comments(key) {
      const { rows } = await sql<CommentRow>`
        ${COMMENT} where ${isPull(key)} order by comment.id limit ${CONVERSATION_MAX}
      `.execute(db);
      return rows.map(commentOf);
    },
  };
}

const COMMENT = sql`
  select comment.id, comment.author_id, author.login as author_login, comment.body,
    comment.edits, comment.acknowledged_at, comment.outdated_at, comment.created_at, comment.updated_at
  from forge_comment comment
  left join forge_account author on author.id = comment.author_id
`;

function commentOf(row: CommentRow): ForgeComment {
  return {
    id: row.id,
    author:
      row.author_id === null || row.author_login === null
        ? undefined
        : account(row.author_id, row.author_login),
    body: row.body,
    edits: row.edits,
    acknowledged: row.acknowledged_at !== null,
    outdated: row.outdated_at !== null,
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  };
}

type Reviews = Pick<ForgeStore, "addReview" | "dismissReviews" | "reviews">;

interface ReviewRow {
  readonly id: string;
  readonly reviewer_id: string;
  readonly login: string;
  readonly verdict: string;
  readonly commit_sha: string;
  readonly body: string;
  readonly created_at: Date;
  readonly dismissed_at: Date | null;
}

export function forgeReviews(database: Database): Reviews {
  return {
    addReview: (key, review, event) =>
      inTransaction(database, async (tx) => {
        await lockRepository(tx, key.repository);
        const { rows } = await sql<{ id: string }>`
          insert into forge_review (
            repository_id, number, reviewer_id, verdict, commit_sha, body, created_at
          ) values (
            ${key.repository}, ${key.number}, ${review.reviewer}, ${review.verdict},
            ${review.commit}, ${review.body}, ${date(review.at)}
          ) returning id
        `.execute(tx);
        await writeEvents(tx, [event], review.at);
        return present(rows[0], "forge: a review was stored without an id").id;
      }),
    dismissReviews: (key, reviewer, { by, at }, event) =>
      inTransaction(database, async (tx) => {
        await lockRepository(tx, key.repository);
        const { rows } = await sql`
          update forge_review set dismissed_at = ${date(at)}, dismissed_by = ${by}
          where ${isPull(key)} and reviewer_id = ${reviewer} and dismissed_at is null
          returning id
        `.execute(tx);
        if (rows.length === 0) return false;
        await writeEvents(tx, [event], at);
        return true;
      }),
    async reviews(key) {
      const { rows } = await sql<ReviewRow>`
        select review.id, review.reviewer_id, reviewer.login, review.verdict, review.commit_sha,
          review.body, review.created_at, review.dismissed_at
        from forge_review review
        join forge_account reviewer on reviewer.id = review.reviewer_id
        where ${isPull(key)}
        order by review.id limit ${CONVERSATION_MAX}
      `.execute(database.statements);
      return rows.map((row) => ({
        id: row.id,
        reviewer: account(row.reviewer_id, row.login),
        verdict: row.verdict as ForgeReview["verdict"],
        commit: row.commit_sha as CommitSha,
        body: row.body,
        createdAt: instant(row.created_at),
        dismissed: row.dismissed_at !== null,
      }));
    },
  };
}
