import type { EngineStore, KnownRepository } from "../../../src/ports/engine-store.ts";
import type { MemoryDatabase } from "./database.ts";
import type { PullRequestRow, RepositoryRow } from "./rows.ts";

/** What the VCS is asked about, so that lost webhooks are found (S21). */
export function knownStore(db: MemoryDatabase): Pick<EngineStore, "takeRepositories"> {
  const { repositories } = db.tables;
  return {
    takeRepositories: (everyMs, limit) =>
      db.transaction(() => {
        const due = [...repositories.values()]
          .filter(({ lookedAt }) => lookedAt === undefined || lookedAt < db.now - everyMs)
          .sort((a, b) => (a.lookedAt ?? 0) - (b.lookedAt ?? 0))
          .slice(0, limit);
        for (const row of due) repositories.put(row.id, { ...row, lookedAt: db.now });
        return due.map((row) => known(db, row));
      }),
  };
}

function known(db: MemoryDatabase, row: RepositoryRow): KnownRepository {
  const pullRequests = [...db.tables.pullRequestsOf.of(row.id)].map((one: PullRequestRow) => ({
    id: one.id,
    number: one.number,
    open: (one.view?.state ?? "open") === "open",
    head: one.view?.headSha,
    // Here nothing is old: the simulated time of a history is shorter than that.
    overdue: false,
    pending: db.tables.pendingEvents.one(one.id) !== undefined,
  }));
  return { repository: row.stored, sinceMs: row.createdAt, pullRequests };
}
