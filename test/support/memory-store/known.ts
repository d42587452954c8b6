import type { EngineStore, KnownRepository } from "../../../src/ports/engine-store.ts";
import { OVERDUE_MINUTES, QUIET_DAYS } from "../../../src/store/engine/known.ts";
import type { MemoryDatabase } from "./database.ts";
import type { PullRequestRow, RepositoryRow } from "./rows.ts";
import { installationOf, storedRepository } from "./standing.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What the VCS is asked about, so that lost webhooks are found (S21). */
export function knownStore(db: MemoryDatabase): Pick<EngineStore, "takeRepositories"> {
  const { repositories } = db.tables;
  return {
    takeRepositories: (everyMs, limit) =>
      db.transaction(() => {
        const due = [...repositories.values()]
          .filter(({ lookedAt }) => lookedAt === undefined || lookedAt < db.now - everyMs)
          .filter((row) => row.state === "served" && installationOf(db, row).state === "active")
          .filter((row) => isInUse(db, row))
          .sort((a, b) => (a.lookedAt ?? 0) - (b.lookedAt ?? 0))
          .slice(0, limit);
        for (const row of due) repositories.put(row.id, { ...row, lookedAt: db.now });
        return due.map((row) => known(db, row));
      }),
  };
}

function isInUse(db: MemoryDatabase, { id }: RepositoryRow): boolean {
  for (const { updatedAt } of db.tables.pullRequestsOf.of(id)) {
    if (updatedAt > db.now - QUIET_DAYS * DAY_MS) return true;
  }
  return false;
}

function known(db: MemoryDatabase, row: RepositoryRow): KnownRepository {
  const pullRequests = [...db.tables.pullRequestsOf.of(row.id)].map((one) => ({
    id: one.id,
    number: one.number,
    open: one.view?.state === "open",
    closed: (one.view?.state ?? "closed") === "closed",
    head: one.view?.headSha,
    central: one.changeSet?.central,
    overdue: isOverdue(db, one),
    pending: [...db.tables.pendingEvents.of(one.id)].some(
      ({ notBefore }) => notBefore === undefined || notBefore <= db.now,
    ),
  }));
  return { repository: storedRepository(db, row), sinceMs: row.createdAt, pullRequests };
}

/** It holds or waits, and nothing was heard of it for long. */
function isOverdue(db: MemoryDatabase, { id, updatedAt }: PullRequestRow): boolean {
  if (updatedAt >= db.now - OVERDUE_MINUTES * MINUTE_MS) return false;
  if (db.tables.locksBy.one(id) !== undefined) return true;
  return [...db.tables.runsOf.of(id)].some((run) => run.state !== "ended");
}
