import type { Adapters } from "../../ports/adapters.ts";
import type { AppStore, StoredApp } from "../../ports/app-store.ts";
import type { InstallationBudget, VcsBudget } from "../../ports/budget.ts";
import type { Ci } from "../../ports/ci.ts";
import type { Log } from "../../ports/log.ts";
import type { DeliveryLog, Vcs, WebhookReceiver } from "../../ports/vcs.ts";
import type { GithubConfig } from "../config.ts";
import { connectGithub, type RemoteVcs } from "../github.ts";
import type { Sealer } from "./sealer.ts";

/** What the app of the environment is stored under, as it was when there could be only one. */
export const ENVIRONMENT_KEY = "github";
export const KEY = /^github(?:-[a-z0-9]+)*$/;

/** What speaks with one forge; its VCS has the name that repositories are stored under. */
export interface Connection {
  readonly vcs: Vcs;
  readonly receiver: WebhookReceiver;
  readonly ci: Ci;
  /** Absent where nobody keeps a list of what was delivered. */
  readonly deliveries?: DeliveryLog;
  /** What each installation may still ask of it; absent where nobody counts that. */
  readonly budgets?: () => readonly InstallationBudget[];
}

/** An app that was registered, as this server sees it. */
export type Registered =
  | { readonly app: StoredApp; readonly remote: RemoteVcs; readonly config: GithubConfig }
  /** It is there, and cannot be worked with. */
  | { readonly app: StoredApp; readonly problem: string };

/** Everything this server is connected to: what stays as long as it runs, and the apps that come and go. */
export interface Connections {
  readonly vcs: Adapters<Vcs>;
  readonly ci: Adapters<Ci>;
  readonly receivers: Adapters<WebhookReceiver>;
  deliveries(): readonly DeliveryLog[];
  budgets(): readonly VcsBudget[];
  keys(): readonly string[];
  registered(): readonly Registered[];
  /** Takes note of what was registered, changed or removed through any server. */
  refresh(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly local: { readonly vcs: Vcs; readonly ci: Ci };
  /** What the environment connects this server to: it stays, and its names are nobody else's. */
  readonly environment: readonly Connection[];
  readonly store: AppStore;
  readonly sealer: Sealer;
  readonly log: Log;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { local, store } = options;
  const environment = new Map(options.environment.map((one) => [one.vcs.kind, one]));
  let registered: ReadonlyMap<string, Registered> = new Map();
  let looking: Promise<void> | undefined;

  function remoteOf(key: string): Connection | undefined {
    const found = registered.get(key);
    return (
      environment.get(key) ?? (found === undefined || "problem" in found ? undefined : found.remote)
    );
  }

  async function look(): Promise<void> {
    const revisions = await store.revisions();
    const isSame =
      revisions.size === registered.size &&
      [...revisions].every(([key, revision]) => registered.get(key)?.app.revision === revision);
    if (!isSame) registered = open(await store.apps(), registered, options);
  }

  function refresh(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookFor<T>(known: () => T | undefined): Promise<T | undefined> {
    // One that was under way may have begun before this one was registered.
    const isUnderWay = looking !== undefined;
    await refresh();
    if (isUnderWay && known() === undefined) await refresh();
    return known();
  }

  function adapters<T>(mine: ReadonlyMap<string, T>, of: (remote: Connection) => T): Adapters<T> {
    const known = (name: string): T | undefined => {
      const remote = remoteOf(name);
      return mine.get(name) ?? (remote === undefined ? undefined : of(remote));
    };
    return {
      get(name) {
        const found = known(name);
        if (found !== undefined || !KEY.test(name)) return found;
        return lookFor(() => known(name));
      },
    };
  }

  const remotes = () =>
    [...new Set([...environment.keys(), ...registered.keys()])].flatMap(
      (key) => remoteOf(key) ?? [],
    );
  return {
    vcs: adapters(new Map([[local.vcs.kind, local.vcs]]), ({ vcs }) => vcs),
    ci: adapters(new Map([[local.vcs.kind, local.ci]]), ({ ci }) => ci),
    receivers: adapters<WebhookReceiver>(new Map(), ({ receiver }) => receiver),
    deliveries: () => remotes().flatMap(({ deliveries }) => deliveries ?? []),
    budgets: () =>
      remotes().flatMap(({ vcs, budgets }) =>
        budgets === undefined ? [] : [{ vcs: vcs.kind, installations: budgets() }],
      ),
    keys: () => [local.vcs.kind, ...remotes().map(({ vcs }) => vcs.kind)],
    registered: () => [...registered.values()],
    refresh,
  };
}

/** What has not changed is kept: its client knows what it may still call, and what it has read. */
function open(
  apps: readonly StoredApp[],
  before: ReadonlyMap<string, Registered>,
  options: ConnectionsOptions,
): ReadonlyMap<string, Registered> {
  return new Map(
    apps.map((app) => {
      const kept = before.get(app.key);
      if (kept?.app.revision === app.revision) return [app.key, kept];
      const opened = openOne(app, options);
      if ("problem" in opened) options.log.error({ app: app.key }, opened.problem);
      else options.log.info({ app: app.key, api: app.apiUrl }, "connected an app");
      return [app.key, opened];
    }),
  );
}

function openOne(app: StoredApp, { environment, sealer }: ConnectionsOptions): Registered {
  const { key, secrets, settings } = app;
  if (environment.some(({ vcs }) => vcs.kind === key)) {
    const problem = `The environment of this server has an app of its own (GITHUB_APP_ID), which goes by the same key ${key}. Take one of the two away.`;
    return { app, problem };
  }
  if (secrets.sealedBy !== sealer.keyId) {
    const problem = `The secrets of the app ${key} were sealed with another TERRANE_SECRET_KEY: its name is ${secrets.sealedBy}, that of this server's is ${sealer.keyId}. Start this server with that key, or remove the app and add it again.`;
    return { app, problem };
  }
  const opened = openSecrets(app, sealer);
  if (opened === undefined) {
    const problem = `The secrets of the app ${key} were changed in the database and do not open. Remove the app and add it again.`;
    return { app, problem };
  }
  const config: GithubConfig = {
    appId: Number(app.appId),
    apiUrl: app.apiUrl,
    workflows: settings.workflows,
    jobWorkflows: settings.jobWorkflows,
    issuer: settings.issuer,
    ...opened,
  };
  try {
    return { app, config, remote: connectGithub(key, config) };
  } catch {
    // What it says may hold the secret.
    return { app, problem: `The app ${key} has a key or a webhook secret that cannot be used.` };
  }
}

/** Bound to the key and the host: moved into another row they open nothing. */
export function sealPurpose(
  app: Pick<StoredApp, "key" | "apiUrl" | "appId">,
  what: string,
): string {
  return JSON.stringify([what, app.key, app.apiUrl, app.appId]);
}

function openSecrets(
  app: StoredApp,
  sealer: Sealer,
): Pick<GithubConfig, "privateKey" | "webhookSecrets"> | undefined {
  const { secrets } = app;
  const privateKey = sealer.open(secrets.privateKey, sealPurpose(app, "private key"));
  const webhook = sealer.open(secrets.webhookSecrets, sealPurpose(app, "webhook secrets"));
  if (privateKey === undefined || webhook === undefined) return undefined;
  return { privateKey, webhookSecrets: JSON.parse(webhook) as readonly string[] };
}
