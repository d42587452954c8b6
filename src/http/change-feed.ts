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
  /** Calls with every batch of changes until stopped. */
  listen(hear: (told: Told) => void): {
    /** What commits from then on is told; what came before is the listener's own to read. */
    readonly ready: Promise<void>;
    stop(): void;
  };
}

interface Look {
  readonly listening: Promise<void>;
  over: boolean;
}

export function createChangeFeed(
  views: Pick<ViewStore, "changesAfter" | "newestChange">,
  log: Log,
): ChangeFeed {
  const listeners = new Set<(told: Told) => void>();
  let look: Look | undefined;

  async function run(cursor: Cursor, mine: Look): Promise<void> {
    while (listeners.size > 0) {
      await sleep(POLL_MS);
      try {
        const changes = await cursor.read();
        const told = { cursor: cursor.newest(), changes };
        if (changes.length > 0) for (const hear of listeners) hear(told);
      } catch (error) {
        log.debug({ err: error }, "the changes could not be read; trying again");
        await sleep(RETRY_MS);
      }
    }
    mine.over = true;
  }

  function begin(): Look {
    const cursor = createCursor(views);
    // What is there already was told, or will be read, by others.
    const listening = cursor.begin();
    const begun: Look = { listening, over: false };
    listening.then(
      () => run(cursor, begun),
      () => {
        begun.over = true;
      },
    );
    return begun;
  }

  return {
    listen(hear) {
      listeners.add(hear);
      if (look === undefined || look.over) look = begin();
      return { ready: look.listening, stop: () => listeners.delete(hear) };
    },
  };
}

interface Cursor {
  begin(): Promise<void>;
  /** What was not read before. */
  read(): Promise<readonly Change[]>;
  newest(): number;
}

function createCursor(views: Pick<ViewStore, "changesAfter" | "newestChange">): Cursor {
  let newest = 0;
  let known = new Map<string, number>();
  async function read(): Promise<readonly Change[]> {
    const changes = await views.changesAfter(Math.max(newest - LOOK_BACK, 0));
    const fresh = changes.filter((change) => known.get(keyOf(change)) !== change.seq);
    known = new Map(changes.map((change) => [keyOf(change), change.seq]));
    newest = Math.max(newest, changes.at(-1)?.seq ?? 0);
    return fresh;
  }
  return {
    async begin() {
      newest = await views.newestChange();
      await read();
    },
    read,
    newest: () => newest,
  };
}

function keyOf(change: Change): string {
  return `${change.repositoryId} ${change.number}`;
}
