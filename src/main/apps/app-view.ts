import type { AppView } from "../../contract/apps.ts";
import type { AppRecord } from "../../ports/app-store.ts";
import { githubHost } from "../../vcs/github/app/hosts.ts";
import { installUrl } from "../../vcs/github/app/judge.ts";
import type { GithubConfig } from "../config.ts";
import { ENVIRONMENT_KEY, type Registered } from "./connections.ts";

export const FORGE = "GitHub";

export function webhookUrl(serverUrl: string, key: string): string {
  return `${serverUrl}/api/v1/webhooks/${key}`;
}

export function registeredView(one: Registered, serverUrl: string): AppView {
  const { app } = one;
  const problem = "problem" in one ? one.problem : null;
  return { ...recordView(app, serverUrl), createdAt: app.createdAt.toISOString(), problem };
}

function recordView(app: AppRecord, serverUrl: string): Omit<AppView, "createdAt" | "problem"> {
  const { key, name, slug, owner, appId, webUrl, apiUrl, htmlUrl, settings, createdBy } = app;
  return {
    key,
    forge: FORGE,
    source: "registered",
    name,
    slug,
    owner: owner ?? null,
    appId,
    host: webUrl,
    apiUrl,
    url: htmlUrl ?? null,
    installUrl: htmlUrl === undefined ? null : installUrl(htmlUrl),
    webhookUrl: webhookUrl(serverUrl, key),
    upgrades: [...settings.upgrades],
    createdBy,
  };
}

/** What GitHub calls it shows with a check; nobody is asked for a list. */
export function environmentView(config: GithubConfig, serverUrl: string): AppView {
  const host = githubHost(config.apiUrl);
  return {
    key: ENVIRONMENT_KEY,
    forge: FORGE,
    source: "environment",
    name: null,
    slug: null,
    owner: null,
    appId: String(config.appId),
    host: typeof host === "string" ? config.apiUrl : host.webUrl,
    apiUrl: config.apiUrl,
    url: null,
    installUrl: null,
    webhookUrl: webhookUrl(serverUrl, ENVIRONMENT_KEY),
    upgrades: [],
    createdAt: null,
    createdBy: null,
    problem: null,
  };
}
