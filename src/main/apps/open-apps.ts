import type { AppRegistry } from "../../http/apps.ts";
import type { Ci } from "../../ports/ci.ts";
import type { Log } from "../../ports/log.ts";
import type { Vcs } from "../../ports/vcs.ts";
import { appStore } from "../../store/apps/store.ts";
import type { Database } from "../../store/pool.ts";
import type { Config } from "../config.ts";
import { connectGithub } from "../github.ts";
import { connectGitlab } from "../gitlab.ts";
import { type Connections, createConnections, ENVIRONMENT_KEY } from "./connections.ts";
import { createAppRegistry } from "./registry.ts";
import { createSealer } from "./sealer.ts";

export interface Apps {
  readonly connections: Connections;
  readonly registry: AppRegistry;
}

/** The apps of this server, those that other servers have registered among them. */
export async function openApps(parts: {
  readonly database: Database;
  readonly config: Config;
  readonly secretKey: Uint8Array;
  readonly local: { readonly vcs: Vcs; readonly ci: Ci };
  readonly serverUrl: string;
  readonly log: Log;
}): Promise<Apps> {
  const { config, local, serverUrl, log } = parts;
  const environmentRemote =
    config.github === undefined ? undefined : connectGithub(ENVIRONMENT_KEY, config.github);
  const store = appStore(parts.database);
  const sealer = createSealer(parts.secretKey);
  const connections = createConnections({
    local,
    environment: [
      ...(environmentRemote === undefined ? [] : [environmentRemote]),
      ...(config.gitlab === undefined ? [] : [connectGitlab(config.gitlab)]),
    ],
    store,
    sealer,
    log,
  });
  await connections.refresh();
  const registry = createAppRegistry({
    store,
    sealer,
    connections,
    environment: config.github,
    environmentRemote,
    serverUrl,
    actor: config.actor,
    log,
  });
  return { connections, registry };
}
