import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../ports/log.ts";
import type { Change, ViewStore } from "../ports/view-store.ts";

/** The database is asked this often while somebody listens, and not at all otherwise. */
const POLL_MS = 300;
const RETRY_MS = 2_000;
/**
 * Change numbers are taken before their transactions commit, so a slow one shows up behind numbers that were
 * read already. Each look goes back this far; what was told before is not told again.
 */
export const LOOK_BACK = 256;

export interface Told {
  readonly cursor: number;
  readonly changes: readonly Change[];
}

/** One look at the database for all listeners of this server. */
export interface ChangeFeed {
  /** Calls with every batch of changes until the returned function is called. */
  listen(hear: (told: Told) => void): () => void;
}

export function createChangeFeed(
  views: Pick<ViewStore, "changesAfter" | "newestChange">,
  log: Log,
): ChangeFeed {
  const listeners = new Set<(told: Told) => void>();
  let running = false;

  async function run(): Promise<void> {
    let cursor: number | undefined;
    let told = new Map<string, number>();
    while (listeners.size > 0) {
      try {
        cursor ??= await views.newestChange();
        const changes = await views.changesAfter(Math.max(cursor - LOOK_BACK, 0));
        const fresh = changes.filter((change) => told.get(keyOf(change)) !== change.seq);
        told = new Map(changes.map((change) => [keyOf(change), change.seq]));
        cursor = Math.max(cursor, changes.at(-1)?.seq ?? 0);
        if (fresh.length > 0) for (const hear of listeners) hear({ cursor, changes: fresh });
        await sleep(POLL_MS);
      } catch (error) {
        log.debug({ err: error }, "the changes could not be read; trying again");
        await sleep(RETRY_MS);
      }
    }
    running = false;
  }

  return {
    listen(hear) {
      listeners.add(hear);
      if (!running) {
        running = true;
        void run();
      }
      return () => listeners.delete(hear);
    },
  };
}

function keyOf(change: Change): string {
  return `${change.repositoryId} ${change.number}`;
}
