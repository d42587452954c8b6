import { sql } from "kysely";
import type { ForgeReviewRequest, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { date, instant } from "./rows.ts";

type Requests = Pick<ForgeStore, "requestReviews" | "reviewRequests">;

interface RequestRow {
  readonly kind: ForgeReviewRequest["kind"];
  readonly name: string;
  readonly asked_at: Date;
  readonly answered: boolean;
}

export function forgeReviewRequests(database: Database): Requests {
  const db = database.statements;
  return {
    async requestReviews({ repository, number }, wanted, at) {
      const kinds = wanted.map(({ kind }) => kind);
      const names = wanted.map(({ name }) => name);
      // Whose review answered the last request is asked anew; whoever has not answered was asked then.
      await sql`
        insert into forge_review_request (repository_id, number, kind, name, asked_at)
        select ${repository}, ${number}, kind, name, ${date(at)}
        from unnest(${kinds}::text[], ${names}::text[]) as wanted (kind, name)
        on conflict (repository_id, number, kind, name) do update set asked_at = excluded.asked_at
        where ${answered("forge_review_request")}
      `.execute(db);
    },
    async reviewRequests({ repository, number }) {
      const { rows } = await sql<RequestRow>`
        select kind, name, asked_at, ${answered("request")} as answered
        from forge_review_request request
        where repository_id = ${repository} and number = ${number}
        order by asked_at, kind, name
      `.execute(db);
      return rows.map((row) => ({
        kind: row.kind,
        name: row.name,
        at: instant(row.asked_at),
        answered: row.answered,
      }));
    },
  };
}

function answered(request: "request" | "forge_review_request") {
  const asked = sql.table(request);
  return sql`exists (
    select from forge_review review join forge_account reviewer on reviewer.id = review.reviewer_id
    where review.repository_id = ${asked}.repository_id and review.number = ${asked}.number
      and review.created_at >= ${asked}.asked_at
      and case ${asked}.kind
        when 'user' then lower(reviewer.login) = lower(${asked}.name)
        else exists (
          select from forge_team_member member
          where member.team = ${asked}.name and member.account_id = reviewer.id
        )
      end
  )`;
}
