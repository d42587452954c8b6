import type { Instant } from "../base/brand.ts";
import { createGitlabPipelines } from "../ci/gitlab-pipelines.ts";
import { createGitlab } from "../vcs/gitlab/gitlab.ts";
import type { Connection } from "./apps/connections.ts";
import type { GitlabConfig } from "./config.ts";
import { USER_AGENT } from "./github.ts";
import { outsideTransactions } from "./outside-transactions.ts";

export function connectGitlab(config: GitlabConfig): Connection {
  const { url, token, webhookSecrets, issuer, ciFiles, parameters } = config;
  const { vcs, receiver, client } = createGitlab({
    url,
    token,
    webhookSecrets,
    userAgent: USER_AGENT,
    now: Date.now,
  });
  const ci = createGitlabPipelines({
    api: client,
    url,
    now: () => Date.now() as Instant,
    parameters,
    ...(issuer === undefined ? {} : { issuer }),
    ...(ciFiles === undefined ? {} : { ciFiles }),
  });
  return {
    vcs: outsideTransactions(vcs, `vcs.${vcs.kind}`),
    ci: outsideTransactions(ci, `ci.${vcs.kind}`),
    receiver,
  };
}
