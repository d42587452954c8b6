import type { Instant } from "../base/brand.ts";
import { createGithubActions, DEFAULT_WORKFLOWS } from "../ci/github-actions.ts";
import type { InstallationBudget } from "../ports/budget.ts";
import type { Ci } from "../ports/ci.ts";
import type { DeliveryLog, Vcs, WebhookReceiver } from "../ports/vcs.ts";
import { GITHUB_COM, githubHost } from "../vcs/github/app/hosts.ts";
import type { GithubClient } from "../vcs/github/client.ts";
import { createGithub } from "../vcs/github/github.ts";
import type { GithubConfig } from "./config.ts";
import { outsideTransactions } from "./outside-transactions.ts";
import { VERSION } from "./version.ts";

export const USER_AGENT = `terrane/${VERSION}`;

/** One app of ours on one host. */
export interface RemoteVcs {
  readonly vcs: Vcs;
  readonly receiver: WebhookReceiver;
  readonly deliveries: DeliveryLog;
  readonly ci: Ci;
  readonly budgets: () => readonly InstallationBudget[];
  /** For what only somebody who looks after the app asks. */
  readonly client: GithubClient;
}

export function connectGithub(key: string, config: GithubConfig): RemoteVcs {
  const { apiUrl, appId, privateKey, webhookSecrets } = config;
  const { vcs, receiver, deliveries, client } = createGithub({
    key,
    apiUrl,
    appId,
    privateKey,
    webhookSecrets,
    userAgent: USER_AGENT,
    now: Date.now,
  });
  const ci = createGithubActions({
    api: client,
    issuer: config.issuer ?? issuerOf(apiUrl),
    now: () => Date.now() as Instant,
    workflows: config.workflows ?? DEFAULT_WORKFLOWS,
    jobWorkflows: config.jobWorkflows ?? [],
  });
  return {
    vcs: outsideTransactions(vcs, `vcs.${key}`),
    ci: outsideTransactions(ci, `ci.${key}`),
    deliveries: outsideTransactions(deliveries, `deliveries.${key}`),
    budgets: () => client.budgets(),
    receiver,
    client,
  };
}

function issuerOf(apiUrl: string): string {
  const host = githubHost(apiUrl);
  return typeof host === "string" ? GITHUB_COM.issuer : host.issuer;
}
