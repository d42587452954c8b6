import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Prng } from "../../../src/base/prng.ts";
import { bundleServer } from "../bundle.ts";
import { freePort } from "../chaos/server.ts";
import type { GitHubDouble } from "../github-double/index.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../server-process.ts";
import { layWire, type Wire } from "./wire.ts";

export const WEBHOOK_SECRET = "a-webhook-secret-of-the-test";

/** What servers keep everything in. */
export interface FleetDatabase {
  /** For servers: what is between may fail. */
  readonly url: string;
  /** Around everything that fails, for migrations and for whoever counts at the end. */
  readonly directUrl: string;
  close(): Promise<void>;
}

/** Several servers on one database, behind one address. */
export interface Fleet {
  readonly url: string;
  readonly frontWire: Wire;
  /** Any server that is up. */
  readonly server: () => ServerProcess | undefined;
  /** SIGKILL; it is started again after the pause. */
  killServer(pauseMs: number): Promise<void>;
  /** Every server is up again. */
  healed(): Promise<void>;
  log(): string;
  close(): Promise<void>;
}

export async function startFleet(options: {
  readonly servers: number;
  readonly random: Prng;
  readonly double: GitHubDouble;
  /** Closed with the fleet. */
  readonly database: FleetDatabase;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Fleet> {
  const { random, double, database } = options;
  const scratch = scratchDir();
  const bundle = await bundleServer();
  const running: (ServerProcess | undefined)[] = [];
  const ports = await Promise.all(Array.from({ length: options.servers }, freePort));
  const frontWire = await layWire(random.fork(), () =>
    ports.filter((_, index) => running[index] !== undefined),
  );
  const url = `http://127.0.0.1:${frontWire.port}`;
  const env = {
    // Runners and webhooks come through the front.
    TERRANE_URL: url,
    // Who comes through the front comes to any of them.
    TERRANE_TOKEN: randomBytes(32).toString("hex"),
    TERRANE_SECRET_KEY: randomBytes(32).toString("base64"),
    DATABASE_DIRECT_URL: database.directUrl,
    ...githubEnvironment(double),
    ...options.env,
  };
  const start = async (index: number): Promise<void> => {
    const dir = join(scratch.path, `server-${index}`);
    running[index] = await startServerProcess(bundle.program, dir, database.url, env, ports[index]);
  };
  const logs: string[] = [];
  const restarts = new Set<Promise<void>>();
  // One after the other: the first brings the schema.
  for (let index = 0; index < options.servers; index++) await start(index);

  async function endServer(index: number, signal: NodeJS.Signals): Promise<void> {
    const one = running[index];
    running[index] = undefined;
    if (one === undefined) return;
    await one.end(signal);
    logs.push(one.log().slice(-20_000));
  }

  return {
    url,
    frontWire,
    server: () => running.find((one) => one !== undefined),
    async killServer(pauseMs) {
      const index = random.below(options.servers);
      if (running[index] === undefined) return;
      await endServer(index, "SIGKILL");
      const again: Promise<void> = new Promise<void>((resolve) => {
        setTimeout(resolve, pauseMs);
      })
        .then(() => restart(() => start(index)))
        .finally(() => restarts.delete(again));
      restarts.add(again);
    },
    async healed() {
      while (restarts.size > 0) await Promise.all(restarts);
    },
    log: () => [...logs, ...running.map((one) => one?.log().slice(-20_000) ?? "")].join("\n"),
    async close() {
      await Promise.allSettled(restarts);
      for (let index = 0; index < options.servers; index++) await endServer(index, "SIGTERM");
      await frontWire.close();
      await database.close();
      bundle.remove();
      scratch.remove();
    },
  };
}

/** A database that is down at that moment ends the server; the next try finds it back. */
async function restart(start: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

export function githubEnvironment(double: GitHubDouble): Readonly<Record<string, string>> {
  return {
    TERRANE_ACTOR: "ann",
    GITHUB_APP_ID: String(double.app.id),
    GITHUB_PRIVATE_KEY: double.app.privateKey.replaceAll("\n", "\\n"),
    GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
    GITHUB_API_URL: double.apiUrl,
    GITHUB_OIDC_ISSUER: double.issuer,
  };
}
