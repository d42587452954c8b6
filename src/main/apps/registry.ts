import type { AppRegistry } from "../../http/apps.ts";
import type { AppStore } from "../../ports/app-store.ts";
import type { Log } from "../../ports/log.ts";
import type { GithubConfig } from "../config.ts";
import type { RemoteVcs } from "../github.ts";
import { addApp, refused } from "./adding.ts";
import { environmentView, registeredView } from "./app-view.ts";
import { check, mend } from "./checking.ts";
import { type Connections, ENVIRONMENT_KEY } from "./connections.ts";
import { begin, complete, offer } from "./registering.ts";
import type { Sealer } from "./sealer.ts";

/** What looking after apps works with. */
export interface RegistryParts {
  readonly store: AppStore;
  readonly sealer: Sealer;
  readonly connections: Connections;
  readonly environment: GithubConfig | undefined;
  readonly environmentRemote: RemoteVcs | undefined;
  readonly serverUrl: string;
  /** In whose name apps are registered. */
  readonly actor: string;
  readonly log: Log;
}

/** Lists, registers, checks and removes the apps of this server. */
export function createAppRegistry(parts: RegistryParts): AppRegistry {
  const { store, connections, environment, serverUrl, log } = parts;
  return {
    async list() {
      await connections.refresh();
      return [
        ...(environment === undefined ? [] : [environmentView(environment, serverUrl)]),
        ...connections.registered().map((one) => registeredView(one, serverUrl)),
      ];
    },
    offer: (host) => offer(parts, host),
    begin: (caller, wish) => begin(parts, caller, wish),
    complete: (caller, came) => complete(parts, caller, came),
    add: (app) => addApp(parts, app),
    async remove(key) {
      if (await store.remove(key)) {
        log.info({ app: key }, "an app was removed");
        await connections.refresh();
        return { kind: "ok", value: undefined };
      }
      if (key === ENVIRONMENT_KEY && environment !== undefined) {
        const next =
          "Take GITHUB_APP_ID and its companions away there, and start the server again.";
        return refused(409, "FROM_ENVIRONMENT", "This app comes from the environment.", next);
      }
      return refused(404, "NOT_FOUND", `There is no app ${key}.`);
    },
    check: (key) => check(parts, key),
    mend: (key) => mend(parts, key),
  };
}
