import type { Instant } from "../base/brand.ts";
import { createGithubActions, DEFAULT_WORKFLOWS } from "../ci/github-actions.ts";
import { GITHUB_ISSUER } from "../ci/github-actions-identity.ts";
import type { Ci } from "../ports/ci.ts";
import type { DeliveryLog, Vcs, WebhookReceiver } from "../ports/vcs.ts";
import { createGithub } from "../vcs/github/github.ts";
import type { GithubConfig } from "./config.ts";
import { VERSION } from "./version.ts";

export interface RemoteVcs {
  readonly vcs: Vcs;
  readonly receiver: WebhookReceiver;
  readonly deliveries: DeliveryLog;
  readonly ci: Ci;
}

export function connectGithub(config: GithubConfig): RemoteVcs {
  const { apiUrl, appId, privateKey, webhookSecrets } = config;
  const { vcs, receiver, deliveries, client } = createGithub({
    apiUrl,
    appId,
    privateKey,
    webhookSecrets,
    userAgent: `terrane/${VERSION}`,
    now: Date.now,
  });
  const ci = createGithubActions({
    api: client,
    issuer: config.issuer ?? GITHUB_ISSUER,
    now: () => Date.now() as Instant,
    workflows: config.workflows ?? DEFAULT_WORKFLOWS,
    jobWorkflows: config.jobWorkflows ?? [],
  });
  return { vcs, receiver, deliveries, ci };
}
