import type { Happening } from "../../../src/core/event.ts";
import type { EventId, PullRequestId } from "../../../src/core/ids.ts";
import type { MemoryDatabase } from "./database.ts";
import { stored } from "./stored.ts";

/** The same id again changes nothing; nor does a pull request that is not there. */
export function insertEvent(
  db: MemoryDatabase,
  pullRequestId: PullRequestId,
  id: EventId,
  happening: Happening,
): void {
  const { events, pullRequests } = db.tables;
  if (events.get(id) !== undefined || pullRequests.get(pullRequestId) === undefined) return;
  events.put(id, {
    seq: db.next("event"),
    receivedAt: db.now,
    id,
    pullRequestId,
    happening: stored(happening),
    state: "pending",
    attempts: 0,
    notBefore: undefined,
    error: undefined,
  });
}
