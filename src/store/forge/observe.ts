import { sql } from "kysely";
import type { AccountId, CommitSha } from "../../core/ids.ts";
import type { ForgeObservation, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { writeEvents } from "./events.ts";
import { date } from "./rows.ts";

type Observations = Pick<ForgeStore, "intendMerge" | "mergeIntents" | "branches" | "observe">;

interface IntentRow {
  readonly number: number;
  readonly commit_sha: string;
  readonly head_sha: string;
  readonly merged_by: string | null;
}

export function forgeObservations(database: Database): Observations {
  return {
    async intendMerge(repository, intent) {
      const { rows } = await sql`
        insert into forge_merge_intent (repository_id, number, commit_sha, head_sha, merged_by)
        select ${repository}, number, ${intent.commit}, ${intent.head}, ${intent.by ?? null}::text
        from forge_pull_request
        where repository_id = ${repository} and number = ${intent.number} and state = 'open'
        -- The same merge built twice in one second is the same commit.
        on conflict (repository_id, number, commit_sha) do update set head_sha = excluded.head_sha
        returning number
      `.execute(database.statements);
      return rows.length > 0;
    },
    async mergeIntents(repository) {
      const { rows } = await sql<IntentRow>`
        select number, commit_sha, head_sha, merged_by from forge_merge_intent
        where repository_id = ${repository}
      `.execute(database.statements);
      return rows.map((row) => ({
        number: row.number,
        commit: row.commit_sha as CommitSha,
        head: row.head_sha as CommitSha,
        by: (row.merged_by ?? undefined) as AccountId | undefined,
      }));
    },
    branches: (repository) =>
      inTransaction(database, async (tx) => {
        // Version first and under a share lock: branches of another version never mix in.
        const version = await sql<{ branches_version: number }>`
          select branches_version from forge_repository where id = ${repository} for share
        `.execute(tx);
        const { rows } = await sql<{ name: string; commit_sha: string }>`
          select name, commit_sha from forge_branch where repository_id = ${repository}
        `.execute(tx);
        return {
          version: version.rows[0]?.branches_version ?? 0,
          branches: rows.map((row) => ({ name: row.name, commit: row.commit_sha as CommitSha })),
        };
      }),
    observe: (observation) => inTransaction(database, (tx) => observe(tx, observation)),
  };
}

/** Takes the repository's row by writing its version, so it is the lock that all events need too. */
async function observe(tx: Tx, seen: ForgeObservation): Promise<boolean> {
  const { rows } = await sql`
    update forge_repository set branches_version = branches_version + 1
    where id = ${seen.repository} and branches_version = ${seen.version} returning id
  `.execute(tx);
  if (rows.length === 0) return false;
  for (const branch of seen.set) {
    await sql`
      insert into forge_branch (repository_id, name, commit_sha)
      values (${seen.repository}, ${branch.name}, ${branch.commit})
      on conflict (repository_id, name) do update set commit_sha = excluded.commit_sha
    `.execute(tx);
  }
  for (const name of seen.gone) {
    await sql`
      delete from forge_branch where repository_id = ${seen.repository} and name = ${name}
    `.execute(tx);
  }
  for (const { number, head } of seen.heads) {
    await sql`
      update forge_pull_request set head_sha = ${head}, updated_at = ${date(seen.at)}
      where repository_id = ${seen.repository} and number = ${number} and state = 'open'
    `.execute(tx);
  }
  for (const merge of seen.merged) {
    await sql`
      update forge_pull_request set
        state = 'merged', merge_sha = ${merge.commit}, merged_by = ${merge.by ?? null},
        head_sha = ${merge.head}, ended_at = ${date(seen.at)}, updated_at = ${date(seen.at)}
      where repository_id = ${seen.repository} and number = ${merge.number} and state <> 'merged'
    `.execute(tx);
    await sql`
      delete from forge_merge_intent
      where repository_id = ${seen.repository} and number = ${merge.number}
    `.execute(tx);
  }
  await writeEvents(tx, seen.events, seen.at);
  return true;
}
