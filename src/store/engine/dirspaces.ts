import { sql } from "kysely";
import { compareText, type DirspaceKey } from "../../core/change/dirspace.ts";
import type { StoredPullRequest } from "../../ports/engine-store.ts";
import type { Tx } from "../transaction.ts";

/** Makes the rows where they are missing and locks them in the order of their ids, everywhere the same. */
export async function holdDirspaces(
  tx: Tx,
  pullRequest: StoredPullRequest,
  keys: readonly DirspaceKey[],
): Promise<ReadonlyMap<DirspaceKey, string>> {
  const sorted = [...keys].sort(compareText);
  const split = sorted.map((key) => {
    const colon = key.lastIndexOf(":");
    return { dir: key.slice(0, colon), workspace: key.slice(colon + 1) };
  });
  const dirs = split.map((one) => one.dir);
  const workspaces = split.map((one) => one.workspace);
  await ensureDirspaces(tx, pullRequest.repository.id, dirs, workspaces);
  // For each other only: a report that refers to a row, and holds a work that we want next, does not wait for us.
  const { rows } = await sql<{ id: string; dir: string; workspace: string }>`
    select dirspace.id, dirspace.dir, dirspace.workspace
    from dirspace
    join unnest(${dirs}::text[], ${workspaces}::text[]) as wanted (dir, workspace)
      on wanted.dir = dirspace.dir and wanted.workspace = dirspace.workspace
    where dirspace.repository_id = ${pullRequest.repository.id}
    order by dirspace.id for no key update of dirspace
  `.execute(tx);
  return new Map(rows.map((row) => [`${row.dir}:${row.workspace}` as DirspaceKey, row.id]));
}

export async function ensureDirspaces(
  tx: Tx,
  repositoryId: string,
  dirs: readonly string[],
  workspaces: readonly string[],
): Promise<void> {
  // Sorted insertion: two transactions that add the same dirspaces meet in the same order.
  await sql`
    insert into dirspace (repository_id, dir, workspace)
    select ${repositoryId}, wanted.dir, wanted.workspace
    from unnest(${dirs}::text[], ${workspaces}::text[]) as wanted (dir, workspace)
    where not exists (
      select from dirspace known where known.repository_id = ${repositoryId}
        and known.dir = wanted.dir and known.workspace = wanted.workspace
    )
    order by wanted.dir collate "C", wanted.workspace collate "C"
    on conflict do nothing
  `.execute(tx);
}

/** The database id of a dirspace of the repository; keys are unambiguous because a workspace holds no colon. */
export function dirspaceId(pullRequest: StoredPullRequest, key: DirspaceKey) {
  const colon = key.lastIndexOf(":");
  return sql`(
    select id from dirspace where repository_id = ${pullRequest.repository.id}
      and dir = ${key.slice(0, colon)} and workspace = ${key.slice(colon + 1)}
  )`;
}
