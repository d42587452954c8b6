import type { EngineStore } from "../../../src/ports/engine-store.ts";
import type { MemoryDatabase } from "./database.ts";
import type { WaitRow } from "./rows.ts";

const LAPSED_MAX = 100;

/** Turns that nobody used in time while others wait. */
export function lapsedTurnStore(db: MemoryDatabase): Pick<EngineStore, "lapsedTurns"> {
  return {
    lapsedTurns: (afterMs) =>
      db.transaction(() =>
        [...db.tables.waits.values()]
          .flatMap((row) => {
            const { pullRequestId: pullRequest, turnSince: since } = row;
            if (since === undefined || since >= db.now - afterMs || !isWanted(db, row)) return [];
            return [{ pullRequest, since }];
          })
          .sort((a, b) => a.since - b.since)
          .slice(0, LAPSED_MAX),
      ),
  };
}

function isWanted(db: MemoryDatabase, { pullRequestId: id }: WaitRow): boolean {
  const { locksBy, locksOf, runsOf, pendingEvents, waitDirspacesBy, waitDirspacesOf } = db.tables;
  if ([...locksBy.of(id)].length > 0) return false;
  if ([...runsOf.of(id)].some((run) => run.state !== "ended")) return false;
  if ([...pendingEvents.of(id)].some((event) => event.happening.kind === "turn_over")) return false;
  return [...waitDirspacesBy.of(id)].some(
    ({ dirspaceId }) =>
      [...waitDirspacesOf.of(dirspaceId)].some((other) => other.pullRequestId !== id) ||
      [...locksOf.of(dirspaceId)].length > 0,
  );
}
