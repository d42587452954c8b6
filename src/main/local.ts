import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Instant } from "../base/brand.ts";
import { createLocalCi, type LocalCi } from "../ci/local/ci.ts";
import { ENVIRONMENT_ALLOWED } from "../ci/local/spawn.ts";
import { claimAudience } from "../contract/runner-api.ts";
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../ports/log.ts";
import type { RepositoryStore } from "../ports/repository-store.ts";
import { createForgeStore } from "../store/forge/store.ts";
import type { Database } from "../store/pool.ts";
import { createLocalForge, type LocalForge } from "../vcs/local/forge.ts";
import type { Config } from "./config.ts";

/** The kind of the forge that this server is itself. */
const LOCAL = "local";
const DEFAULT_BRANCH = "main";
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

export interface LocalOptions {
  readonly database: Database;
  readonly dataDir: string;
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly serverUrl: string;
  /** Known once everything is put together; nothing is told before `start`. */
  readonly engine: () => Engine;
}

export interface Local {
  readonly forge: LocalForge;
  readonly ci: LocalCi;
  cloneUrl(repository: string): Promise<string | undefined>;
  start(repositories: RepositoryStore): Promise<void>;
  /** Running CI jobs go on: the next server hears of them. */
  stop(): Promise<void>;
}

/** Pull requests on git repositories of this machine, and runner processes beside the server. */
export async function createLocal(options: LocalOptions): Promise<Local> {
  const { database, dataDir, config, env, log, engine } = options;
  const now = () => Date.now() as Instant;
  const forge = createLocalForge({
    store: createForgeStore(database),
    now,
    newId: randomUUID,
    searchPath: env["PATH"] ?? DEFAULT_PATH,
    log,
    // Its pages carry the server's own repository id, which the forge does not know.
    pullRequestUrl: () => undefined,
    reposDir: join(dataDir, "repositories"),
    onEvent: async (event) => {
      await engine().receive(LOCAL, event);
    },
  });
  const ci = await createLocalCi({
    dataDir,
    runnerPath: runnerPath(),
    nodePath: process.execPath,
    issuer: options.serverUrl,
    audience: claimAudience,
    environment: env,
    environmentAllowed: [...ENVIRONMENT_ALLOWED, ...config.jobEnvironment],
    now,
    log,
    onEnded: ({ attempt, conclusion }) => engine().ciEnded(attempt, conclusion),
  });
  return {
    forge,
    ci,
    async cloneUrl(id) {
      const found = await forge.repository(id);
      return found === undefined ? undefined : pathToFileURL(found.bareDir).href;
    },
    async start(repositories) {
      await forge.ensureAccount(config.actor, "admin");
      // Those of a forge whose server ended before their first event.
      for (const { id, fullName } of await forge.repositories()) {
        const ref = { installation: LOCAL, id, fullName };
        await repositories.keepRepository(LOCAL, ref, DEFAULT_BRANCH);
      }
      const started = await forge.start();
      if (started.kind !== "ok") throw new Error(started.message);
      await ci.startWatching();
    },
    async stop() {
      await ci.stopWatching();
      await forge.stop();
    },
  };
}

/** Beside this program when it is bundled, in `dist` when it runs from the sources. */
export function besideProgram(name: string): string | undefined {
  const here = import.meta.dirname;
  return [join(here, name), join(here, "..", "..", "dist", name)].find((path) => existsSync(path));
}

function runnerPath(): string {
  const found = besideProgram("runner.js");
  if (found !== undefined) return found;
  throw new Error("The bundled runner is missing. Build it with `npm run build`.");
}
