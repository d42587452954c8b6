import { present } from "../../../src/base/assert.ts";
import type { PullRequestId } from "../../../src/core/ids.ts";
import type { StoredPullRequest } from "../../../src/ports/engine-store.ts";
import { refuse } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import type { PullRequestRow } from "./rows.ts";
import { storedRepository } from "./standing.ts";

export function storedPullRequest(
  db: MemoryDatabase,
  id: PullRequestId,
): StoredPullRequest | undefined {
  const row = db.tables.pullRequests.get(id);
  if (row === undefined) return undefined;
  const repository = storedRepository(
    db,
    present(db.tables.repositories.get(row.repositoryId), "a repository"),
  );
  return { id, number: row.number, repository };
}

/** Where a foreign key says that it is there. */
export function ownerOf(db: MemoryDatabase, id: PullRequestId): StoredPullRequest {
  return present(storedPullRequest(db, id), `the pull request ${id} exists`);
}

export function changePullRequest(
  db: MemoryDatabase,
  id: PullRequestId,
  change: Partial<PullRequestRow>,
): void {
  db.tables.pullRequests.update(id, (row) => ({ ...row, ...change }));
}

export function needPullRequest(db: MemoryDatabase, id: PullRequestId): PullRequestRow {
  return db.tables.pullRequests.get(id) ?? refuse("foreign_key", `no pull request ${id}`);
}
