import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { ForgeCheck, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { date, instant } from "./rows.ts";

interface CheckRow {
  readonly id: string;
  readonly name: string;
  readonly commit_sha: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly title: string;
  readonly summary: string;
  readonly details_url: string | null;
  readonly updated_at: Date;
}

const CHECKS_MAX = 1_000;

export function forgeChecks(database: Database): Pick<ForgeStore, "putCheck" | "checks"> {
  const db = database.statements;
  return {
    async putCheck(repository, check, at) {
      const { rows } = await sql<{ id: string }>`
        insert into forge_check (
          repository_id, commit_sha, name, status, conclusion, title, summary, details_url,
          created_at, updated_at
        ) values (
          ${repository}, ${check.commit}, ${check.name}, ${check.status},
          ${check.conclusion ?? null}, ${check.title}, ${check.summary},
          ${check.detailsUrl ?? null}, ${date(at)}, ${date(at)}
        )
        on conflict (repository_id, commit_sha, name) do update set
          status = excluded.status,
          conclusion = excluded.conclusion,
          title = excluded.title,
          summary = excluded.summary,
          details_url = excluded.details_url,
          updated_at = excluded.updated_at
        returning id
      `.execute(db);
      return present(rows[0], "forge: a check was stored without an id").id;
    },
    async checks(repository, commit) {
      const { rows } = await sql<CheckRow>`
        select id, name, commit_sha, status, conclusion, title, summary, details_url, updated_at
        from forge_check where repository_id = ${repository} and commit_sha = ${commit}
        order by id limit ${CHECKS_MAX}
      `.execute(db);
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        commit: row.commit_sha as CommitSha,
        status: row.status as ForgeCheck["status"],
        conclusion: (row.conclusion ?? undefined) as ForgeCheck["conclusion"],
        title: row.title,
        summary: row.summary,
        detailsUrl: row.details_url ?? undefined,
        updatedAt: instant(row.updated_at),
      }));
    },
  };
}
