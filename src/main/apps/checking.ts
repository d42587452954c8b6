import type { AppCheckView, AppFindingView, AppView } from "../../contract/apps.ts";
import type { AppResult } from "../../http/apps.ts";
import { installUrl, judgeApp, notAccepted, upgradesOf } from "../../vcs/github/app/judge.ts";
import { type AppFacts, lookAtApp, setHook } from "../../vcs/github/app/look.ts";
import { wanted } from "../../vcs/github/app/permissions.ts";
import type { GithubClient } from "../../vcs/github/client.ts";
import { refused } from "./adding.ts";
import { environmentView, registeredView } from "./app-view.ts";
import { ENVIRONMENT_KEY } from "./connections.ts";
import type { RegistryParts } from "./registry.ts";

const KNOWN = "`terrane apps list` names those there are.";

interface Found {
  readonly view: AppView;
  /** Undefined where this server cannot work with it. */
  readonly client: GithubClient | undefined;
  readonly secret: string | undefined;
}

async function find(parts: RegistryParts, key: string): Promise<Found | undefined> {
  const { environment, environmentRemote, connections, serverUrl } = parts;
  if (key === ENVIRONMENT_KEY && environment !== undefined) {
    const [secret] = environment.webhookSecrets;
    return {
      view: environmentView(environment, serverUrl),
      client: environmentRemote?.client,
      secret,
    };
  }
  await connections.refresh();
  const found = connections.registered().find(({ app }) => app.key === key);
  if (found === undefined) return undefined;
  const view = registeredView(found, serverUrl);
  if ("problem" in found) return { view, client: undefined, secret: undefined };
  return { view, client: found.remote.client, secret: found.config.webhookSecrets[0] };
}

export async function check(parts: RegistryParts, key: string): Promise<AppResult<AppCheckView>> {
  const found = await find(parts, key);
  if (found === undefined) return refused(404, "NOT_FOUND", `There is no app ${key}.`, KNOWN);
  return { kind: "ok", value: await checked(found) };
}

/** Sets the webhook's address and secret on GitHub to what this server expects, and looks again. */
export async function mend(parts: RegistryParts, key: string): Promise<AppResult<AppCheckView>> {
  const found = await find(parts, key);
  if (found === undefined) return refused(404, "NOT_FOUND", `There is no app ${key}.`, KNOWN);
  const { client, secret, view } = found;
  if (client === undefined || secret === undefined) {
    return refused(409, "UNUSABLE", view.problem ?? `The app ${key} cannot be used.`);
  }
  const failure = await setHook(client, view.webhookUrl, secret);
  if (failure !== undefined) {
    const next = "Set it on the App's page under General.";
    const status = failure.kind === "unavailable" ? 503 : 409;
    return refused(status, "NOT_MENDED", failure.message, next);
  }
  parts.log.info({ app: key }, "the webhook of an app was set");
  return { kind: "ok", value: await checked(found) };
}

async function checked({ view, client }: Found): Promise<AppCheckView> {
  const checkedAt = new Date().toISOString();
  if (client === undefined) {
    const detail = view.problem ?? "This server cannot work with it.";
    const base = { name: "credentials", title: "Credentials", next: null, url: null } as const;
    const findings: AppFindingView[] = [{ ...base, state: "missing", detail }];
    return { app: view, checkedAt, ok: false, findings, installations: [] };
  }
  const facts = await lookAtApp(client);
  const { key, host: webUrl, webhookUrl, upgrades } = view;
  const findings = judgeApp(facts, { key, webUrl, webhookUrl, upgrades });
  return {
    app: facts.self.kind === "ok" ? named(view, facts.self.value) : view,
    checkedAt,
    ok: findings.every(({ state }) => state === "ok" || state === "note"),
    findings: findings.map((one) => ({ ...one, next: one.next ?? null, url: one.url ?? null })),
    installations: installationViews(facts, upgrades),
  };
}

type Self = Extract<AppFacts["self"], { kind: "ok" }>["value"];

/** GitHub knows best what it is called, and what it was given since. */
function named(view: AppView, self: Self): AppView {
  return {
    ...view,
    name: self.name,
    slug: self.slug,
    owner: self.owner?.login ?? view.owner,
    url: self.url,
    installUrl: installUrl(self.url),
    upgrades: [...upgradesOf(self, view.upgrades)],
  };
}

function installationViews(
  { self, installations }: AppFacts,
  chosen: readonly string[],
): AppCheckView["installations"] {
  if (self.kind !== "ok" || installations.kind !== "ok") return [];
  const want = wanted(upgradesOf(self.value, chosen)).permissions;
  return installations.value.map((one) => ({
    id: one.id,
    account: one.account,
    url: one.url,
    suspended: one.suspended,
    repositories:
      one.repositories === undefined
        ? null
        : { all: one.all, total: one.repositories.total, names: [...one.repositories.names] },
    missing: [...notAccepted(self.value, one, want)],
  }));
}
