import type { Vcs, WebhookReceiver } from "../../ports/vcs.ts";
import { filePaths } from "../git/diff-listings.ts";
import type { WebhookSecrets } from "./authentic.ts";
import { readChanges } from "./changes.ts";
import { StatusWriter } from "./check.ts";
import { createClient, type GitlabClient, type GitlabOptions, ok } from "./client.ts";
import { acknowledge, COMMENT_CHARS_MAX, putComment, readComment } from "./comment.ts";
import { readChecks } from "./commit-checks.ts";
import { readCredential } from "./credential.ts";
import { deleteBranch } from "./delete-branch.ts";
import { FileReader } from "./file.ts";
import { webhookTrouble } from "./hook-health.ts";
import { putIssues } from "./issues.ts";
import { putLabel } from "./label.ts";
import { mergeMergeRequest } from "./merge.ts";
import { listMerged, listOpen, viewMergeRequest } from "./merge-request.ts";
import { outdateNote } from "./outdate-note.ts";
import { isTeamMember, readPermission } from "./people.ts";
import { readBranch } from "./project.ts";
import { proposeFiles } from "./propose.ts";
import { askReviewers, readOpenReviews } from "./reviewers.ts";
import { findSibling } from "./sibling.ts";
import { listFiles } from "./tree.ts";
import { createReceiver } from "./webhook.ts";

export interface Gitlab {
  readonly vcs: Vcs;
  readonly receiver: WebhookReceiver;
  /** For what else speaks with GitLab as the same token: the CI adapter. */
  readonly client: GitlabClient;
}

/** GitLab as one token: gitlab.com, or an instance of one's own. */
export function createGitlab(
  options: GitlabOptions & { readonly webhookSecrets: WebhookSecrets },
): Gitlab {
  const client = createClient(options);
  const receiver = createReceiver({
    secrets: options.webhookSecrets,
    // There is nothing that is installed: all that the token reaches is one tenant.
    installation: new URL(options.url).host,
    now: options.now,
    self: () => client.self(),
  });
  return { vcs: createVcs(client, options.now), receiver, client };
}

function createVcs(client: GitlabClient, now: () => number): Vcs {
  const files = new FileReader(client);
  const statuses = new StatusWriter(client);
  return {
    kind: "gitlab",
    numberSign: "!",
    commentCharsMax: COMMENT_CHARS_MAX,
    pullRequest: (repo, number) => viewMergeRequest(client, repo, number),
    openPullRequests: (repo) => listOpen(client, repo),
    mergedPullRequests: (repo) => listMerged(client, repo),
    branch: (repo, name) => readBranch(client, repo, name),
    tree: async (repo, commit) => {
      const listed = await listFiles(client, repo, commit);
      return listed.kind === "ok" ? ok(filePaths(listed.value)) : listed;
    },
    changes: (repo, range) => readChanges(client, repo, range),
    file: (repo, commit, path, charsMax) => files.read(repo, commit, path, charsMax),
    readFiles: (repo, commit, paths, charsMax) => files.readAll(repo, commit, paths, charsMax),
    sibling: (repo, names, folder) => findSibling(client, repo, names, folder),
    comment: (repo, number, id) => readComment(client, repo, number, id),
    permission: (repo, account) => readPermission(client, now, repo, account),
    teamMember: (repo, team, account) => isTeamMember(client, now, repo, team, account),
    checks: (repo, commit) => readChecks(client, repo, commit),
    openReviews: (repo, number) => readOpenReviews(client, repo, number),
    putComment: (repo, number, draft) => putComment(client, repo, number, draft),
    outdateComment: (repo, number, comment) => outdateNote(client, repo, number, comment),
    acknowledge: (repo, number, comment) => acknowledge(client, repo, number, comment),
    putCheck: (repo, draft) => statuses.put(repo, draft),
    putLabel: (repo, number, label) => putLabel(client, repo, number, label),
    putIssues: (repo, issues) => putIssues(client, repo, issues),
    askReviewers: (repo, number, wanted) => askReviewers(client, repo, number, wanted),
    credential: () => readCredential(client),
    webhookTrouble: (repo, url) => webhookTrouble(client, repo, url),
    proposeFiles: (repo, proposal) => proposeFiles(client, files, repo, proposal),
    merge: (repo, number, request) => mergeMergeRequest(client, repo, number, request),
    deleteBranch: (repo, branch) => deleteBranch(client, repo, branch),
  };
}
