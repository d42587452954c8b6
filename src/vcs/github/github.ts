import type { DeliveryLog, Vcs, WebhookReceiver } from "../../ports/vcs.ts";
import { readChanges } from "./changes.ts";
import { putCheck } from "./check.ts";
import { createClient, type GithubClient, type GithubOptions, ok } from "./client.ts";
import { acknowledge, COMMENT_CHARS_MAX, putComment, readComment } from "./comment.ts";
import { readChecks } from "./commit-checks.ts";
import { createDeliveryLog } from "./deliveries.ts";
import { FileReader } from "./file.ts";
import { readFiles } from "./files.ts";
import { putIssues } from "./issues.ts";
import { mergePull } from "./merge.ts";
import { NodeIds } from "./node-ids.ts";
import { readOpenReviews } from "./open-reviews.ts";
import { readPermission } from "./permission.ts";
import { proposeFiles } from "./propose.ts";
import { listOpen, readBranch, viewPullRequest } from "./pull-request.ts";
import { readToken } from "./read-token.ts";
import { askReviewers } from "./reviewers.ts";
import { findSibling } from "./sibling.ts";
import { isTeamMember } from "./team.ts";
import { listFiles } from "./tree.ts";
import { createReceiver } from "./webhook.ts";

export interface Github {
  readonly vcs: Vcs;
  readonly receiver: WebhookReceiver;
  readonly deliveries: DeliveryLog;
  /** For what else speaks with GitHub as the app: the CI adapter. */
  readonly client: GithubClient;
}

/** GitHub as one app: github.com, or a GitHub Enterprise Server. */
export function createGithub(
  options: GithubOptions & {
    readonly webhookSecrets: readonly string[];
    /** What its repositories are stored under: one server may be several apps, on several hosts. */
    readonly key?: string;
  },
): Github {
  const client = createClient(options);
  const { appId, webhookSecrets: secrets, key: kind = "github" } = options;
  const receiver = { ...createReceiver({ secrets, appId }), kind };
  const deliveries = { ...createDeliveryLog(client), kind };
  return { vcs: { ...createVcs(client, appId), kind }, receiver, deliveries, client };
}

function createVcs(client: GithubClient, appId: number): Vcs {
  const files = new FileReader(client);
  const nodeIds = new NodeIds(client);
  return {
    kind: "github",
    numberSign: "#",
    commentCharsMax: COMMENT_CHARS_MAX,
    pullRequest: (repo, number) => viewPullRequest(client, repo, number),
    openPullRequests: (repo) => listOpen(client, repo),
    branch: (repo, name) => readBranch(client, repo, name),
    tree: async (repo, commit) => {
      const listed = await listFiles(client, repo, commit);
      return listed.kind === "ok" ? ok(listed.value.map((file) => file.path)) : listed;
    },
    changes: (repo, range) => readChanges(client, repo, range),
    file: (repo, commit, path, charsMax) => files.read(repo, commit, path, charsMax),
    readFiles: (repo, commit, paths, charsMax) =>
      readFiles(client, nodeIds, files, repo, { commit, paths, charsMax }),
    sibling: (repo, names, folder) => findSibling(client, nodeIds, repo, names, folder),
    comment: (repo, number, id) => readComment(client, repo, number, id),
    permission: (repo, account) => readPermission(client, repo, account),
    teamMember: (repo, team, account) => isTeamMember(client, repo, team, account),
    checks: (repo, commit) => readChecks(client, appId, repo, commit),
    openReviews: (repo, number) => readOpenReviews(client, repo, number),
    putComment: (repo, number, draft) => putComment(client, appId, repo, number, draft),
    acknowledge: (repo, _number, comment) => acknowledge(client, repo, comment),
    putCheck: (repo, draft) => putCheck(client, appId, repo, draft),
    askReviewers: (repo, number, wanted) => askReviewers(client, repo, number, wanted),
    putIssues: (repo, issues) => putIssues(client, appId, repo, issues),
    readToken: (repo) => readToken(client, repo),
    proposeFiles: (repo, proposal) => proposeFiles(client, repo, proposal),
    merge: (repo, number, request) => mergePull(client, repo, number, request),
  };
}
