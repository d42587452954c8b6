import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { StoreLog } from "../log.ts";
import { chooseAccount } from "./account.ts";
import { prepareBinaries } from "./binaries.ts";
import {
  clusterDirectory,
  openDataDir,
  openToAccount,
  prepareCluster,
  SUPERUSER,
} from "./cluster.ts";
import { EmbeddedError } from "./error.ts";
import { takeOwnership } from "./owner-lock.ts";
import {
  endOrphan,
  freePort,
  LOOPBACK,
  type Postmaster,
  type PostmasterOptions,
  startPostmaster,
} from "./postmaster.ts";

export interface EmbeddedOptions {
  /** Holds the cluster, its password and the owner lock. Created when missing. */
  readonly dataDir: string;
  readonly log: StoreLog;
  /** A fixed loopback port; by default any free one. */
  readonly port?: number;
  /** Called after each unexpected end of PostgreSQL, once it runs again. */
  readonly onCrash?: (crash: EmbeddedCrash) => void;
  /** Tests only: no fsync, and the directory disappears with the process. */
  readonly throwaway?: boolean;
}

export interface EmbeddedCrash {
  /** How PostgreSQL ended: a signal or an exit code. */
  readonly how: string;
  readonly downMs: number;
}

export interface EmbeddedPostgres {
  /** Stays the same for the life of the server, also across crashes of PostgreSQL. */
  readonly url: string;
  pid(): number;
  /** Shuts PostgreSQL down cleanly and gives the data directory free. Safe to call twice. */
  stop(): Promise<void>;
}

const PORT_ATTEMPTS_MAX = 5;
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 5_000;

/**
 * Runs PostgreSQL on a data directory as a supervised child of this process. Refuses a directory
 * that another live server has; takes over from one that was killed.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = openDataDir(options.dataDir);
  const clusterDir = clusterDirectory(dataDir);
  const account = chooseAccount(clusterDir);
  openToAccount(account, dataDir);
  const lock = await takeOwnership(dataDir);
  try {
    const throwaway = options.throwaway === true;
    const binaries = prepareBinaries(account, dataDir);
    await endOrphan(clusterDir, options.log);
    const { password } = await prepareCluster({ account, binaries, dataDir, throwaway });
    const settings = {
      account,
      program: binaries.postgres,
      clusterDir,
      throwaway: throwaway ? { remove: dataDir } : undefined,
      log: options.log,
    };
    const first = await startOnPort(settings, options.port);
    const url = (database: string): string =>
      `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${first.port}/${database}`;
    try {
      await createDatabaseIfMissing(url("postgres"));
    } catch (error) {
      await first.postmaster.stop();
      throw error;
    }
    const supervised = supervise(
      first.postmaster,
      { ...settings, port: first.port },
      options.onCrash,
    );
    return {
      url: url(SUPERUSER),
      pid: () => supervised.pid(),
      async stop() {
        await supervised.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startOnPort(
  settings: Omit<PostmasterOptions, "port">,
  fixed: number | undefined,
): Promise<{ readonly postmaster: Postmaster; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = fixed ?? (await freePort());
    try {
      return { postmaster: await startPostmaster({ ...settings, port }), port };
    } catch (error) {
      if (!(error instanceof EmbeddedError) || attempt === PORT_ATTEMPTS_MAX) throw error;
      const portTaken = /could not bind|Address already in use/.test(error.message);
      // Backends notice the death of their postmaster within a fraction of a second; until then
      // their shared memory keeps the data directory busy.
      const stillBusy = /shared memory block/.test(error.message);
      if (!stillBusy && (!portTaken || fixed !== undefined)) throw error;
      if (stillBusy) await sleep(RESTART_DELAY_MS_MIN * 2 ** attempt);
    }
  }
}

/** Starts PostgreSQL again whenever it ends by itself: same port, so pools only reconnect. */
function supervise(
  first: Postmaster,
  settings: PostmasterOptions,
  onCrash: EmbeddedOptions["onCrash"],
): { pid(): number; stop(): Promise<void> } {
  const { log } = settings;
  const stopping = new AbortController();
  let current = first;

  async function restart(): Promise<Postmaster | undefined> {
    let delayMs = RESTART_DELAY_MS_MIN;
    while (!stopping.signal.aborted) {
      try {
        return await startPostmaster(settings);
      } catch (error) {
        log.error({ err: error, retryInMs: delayMs }, "PostgreSQL does not start again yet");
      }
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS_MAX);
    }
    return undefined;
  }

  async function watch(): Promise<void> {
    for (;;) {
      const how = await current.ended;
      if (stopping.signal.aborted) return;
      const since = performance.now();
      log.error({ how }, "PostgreSQL ended unexpectedly; starting it again");
      const next = await restart();
      if (next === undefined) return;
      current = next;
      if (stopping.signal.aborted) return await next.stop();
      const downMs = Math.round(performance.now() - since);
      log.warn({ how, downMs, pid: next.pid }, "PostgreSQL recovered and runs again");
      onCrash?.({ how, downMs });
    }
  }

  const watching = watch();
  return {
    pid: () => current.pid,
    async stop() {
      stopping.abort();
      await current.stop();
      await watching;
    },
  };
}

async function createDatabaseIfMissing(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [SUPERUSER]);
    if (found.rowCount === 0) await client.query(`create database ${SUPERUSER}`);
  } finally {
    await client.end();
  }
}
