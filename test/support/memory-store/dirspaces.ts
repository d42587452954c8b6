import {
  compareDirspaces,
  type Dirspace,
  type DirspaceKey,
} from "../../../src/core/change/dirspace.ts";
import type { RepositoryId } from "../../../src/core/ids.ts";
import type { MemoryDatabase } from "./database.ts";
import type { DirspaceRow } from "./rows.ts";

export function findDirspace(
  db: MemoryDatabase,
  repository: RepositoryId,
  key: DirspaceKey,
): DirspaceRow | undefined {
  return db.tables.dirspaceByKey.one(`${repository}|${key}`);
}

/** Makes the rows that are missing, in the order of their names. */
export function ensureDirspaces(
  db: MemoryDatabase,
  repositoryId: RepositoryId,
  dirspaces: readonly Dirspace[],
): void {
  const missing = dirspaces.filter(
    ({ dir, workspace }) =>
      findDirspace(db, repositoryId, `${dir}:${workspace}` as DirspaceKey) === undefined,
  );
  for (const dirspace of missing.sort(compareDirspaces)) {
    const key = `${dirspace.dir}:${dirspace.workspace}` as DirspaceKey;
    if (findDirspace(db, repositoryId, key) !== undefined) continue;
    const { dir, workspace } = dirspace;
    const id = db.next("dirspace");
    const row = { id, repositoryId, key, dirspace: { dir, workspace }, lastFence: 0, lastSeq: 0 };
    db.tables.dirspaces.put(id, row);
  }
}

export function splitKey(key: DirspaceKey): Dirspace {
  const colon = key.lastIndexOf(":");
  return { dir: key.slice(0, colon), workspace: key.slice(colon + 1) } as Dirspace;
}
