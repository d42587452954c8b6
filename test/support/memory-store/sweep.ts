import type { PullRequestId } from "../../../src/core/ids.ts";
import type { EngineStore } from "../../../src/ports/engine-store.ts";
import {
  EVENT_OVERDUE_SECONDS,
  OVERDUE_SECONDS,
  PAUSE_MS,
  PAUSE_SECONDS_MAX,
  SWEEP_MAX,
} from "../../../src/store/engine/sweep.ts";
import { wakeAdmissions } from "./admission-sweep.ts";
import type { MemoryDatabase } from "./database.ts";
import { wakeEffect, wakePullRequest } from "./jobs.ts";
import type { JobRow } from "./rows.ts";

/** L33, L39: whatever is stored and due is woken again, however its job got lost. */
export function sweepStore(db: MemoryDatabase): Pick<EngineStore, "wakeOverdue"> {
  const { eventsWaiting, outboxWaiting, jobByKey } = db.tables;
  return {
    wakeOverdue: () =>
      db.transaction(() => {
        const before = db.now - EVENT_OVERDUE_SECONDS * 1000;
        const overdue = new Set<PullRequestId>();
        for (const { receivedAt, notBefore, pullRequestId } of eventsWaiting.of("waiting")) {
          if ((notBefore ?? receivedAt) < before) overdue.add(pullRequestId);
        }
        for (const id of [...overdue].slice(0, SWEEP_MAX)) wakePullRequest(db, id);
        const longBefore = db.now - OVERDUE_SECONDS * 1000;
        const effects = [...outboxWaiting.of("waiting")]
          .filter(
            (row) =>
              row.createdAt < longBefore &&
              row.notBefore <= db.now &&
              !isLookedAfter(db, `perform:${row.key}`),
          )
          .sort((a, b) => a.priority - b.priority || a.seq - b.seq);
        for (const { key, effect, priority } of effects.slice(0, SWEEP_MAX)) {
          const pauseMs = jobByKey.one(`perform:${key}`) === undefined ? 0 : PAUSE_MS;
          wakeEffect(db, { key, kind: effect.kind, priority }, pauseMs);
        }
        wakeAdmissions(db);
      }),
  };
}

function isLookedAfter(db: MemoryDatabase, key: string): boolean {
  const job: JobRow | undefined = db.tables.jobByKey.one(key);
  return (
    job !== undefined &&
    job.attempts < job.attemptsMax &&
    job.runAt < db.now + PAUSE_SECONDS_MAX * 1000
  );
}
