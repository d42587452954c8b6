import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { ForgeIssue, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction } from "../transaction.ts";
import { lockRepository } from "./events.ts";
import { takeNumber } from "./pull-requests.ts";
import { date, instant } from "./rows.ts";

type Issues = Pick<ForgeStore, "issues" | "openIssue" | "editIssue" | "setIssueState">;

interface IssueRow {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly closed_at: Date | null;
}

export function forgeIssues(database: Database): Issues {
  const db = database.statements;
  return {
    async issues(repository, { state, limit }) {
      const wanted = state === "all" ? sql`true` : sql`closed_at is null`;
      const { rows } = await sql<IssueRow>`
        select number, title, body, created_at, updated_at, closed_at from forge_issue
        where repository_id = ${repository} and ${wanted}
        order by number desc limit ${limit}
      `.execute(db);
      return rows.map(issue);
    },
    openIssue: (repository, { title, body, at }) =>
      inTransaction(database, async (tx) => {
        await lockRepository(tx, repository);
        const number = present(
          await takeNumber(tx, repository),
          "forge: the repository of a new issue is gone",
        );
        await sql`
          insert into forge_issue (repository_id, number, title, body, created_at, updated_at)
          values (${repository}, ${number}, ${title}, ${body}, ${date(at)}, ${date(at)})
        `.execute(tx);
        return number;
      }),
    async editIssue(repository, number, { title, body, at }) {
      await sql`
        update forge_issue set title = ${title}, body = ${body}, updated_at = ${date(at)}
        where repository_id = ${repository} and number = ${number}
      `.execute(db);
    },
    async setIssueState(repository, number, state, at) {
      const closedAt = state === "open" ? null : date(at);
      const { rows } = await sql`
        update forge_issue set closed_at = ${closedAt}, updated_at = ${date(at)}
        where repository_id = ${repository} and number = ${number} returning 1
      `.execute(db);
      return rows.length > 0;
    },
  };
}

function issue(row: IssueRow): ForgeIssue {
  return {
    number: row.number,
    title: row.title,
    body: row.body,
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
    closedAt: row.closed_at === null ? undefined : instant(row.closed_at),
  };
}
