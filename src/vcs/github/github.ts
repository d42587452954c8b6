import { CENTRAL_FOLDER, CENTRAL_NAMES } from "../../core/config/central.ts";
import { CONFIG_PATHS } from "../../core/fact.ts";
import type { DeliveryLog, Judging, Vcs, WebhookReceiver } from "../../ports/vcs.ts";
import { filePaths } from "../git/diff-listings.ts";
import { readChanges } from "./changes.ts";
import { putCheck } from "./check.ts";
import { createClient, type GithubClient, type GithubOptions, ok } from "./client.ts";
import { acknowledge, COMMENT_CHARS_MAX, putComment, readComment } from "./comment.ts";
import { readChecks } from "./commit-checks.ts";
import { putStatus } from "./commit-status.ts";
import { deleteBranch } from "./delete-branch.ts";
import { createDeliveryLog } from "./deliveries.ts";
import { enqueue } from "./enqueue.ts";
import { FileReader } from "./file.ts";
import { readFiles } from "./files.ts";
import { putIssues } from "./issues.ts";
import { putLabel } from "./label.ts";
import { Listings } from "./listings.ts";
import { look } from "./look.ts";
import { lookUpRepository } from "./look-up.ts";
import { Looked } from "./looked.ts";
import { mergePull } from "./merge.ts";
import { NodeIds } from "./node-ids.ts";
import { readOpenReviews } from "./open-reviews.ts";
import { outdateComment } from "./outdate-comment.ts";
import { readPermission } from "./permission.ts";
import { permitting } from "./permitting.ts";
import { proposeFiles } from "./propose.ts";
import { listMerged, listOpen, readBranch, viewPullRequest } from "./pull-request.ts";
import { readToken } from "./read-token.ts";
import { askReviewers } from "./reviewers.ts";
import { findSibling } from "./sibling.ts";
import { readInstallation, readStanding } from "./standing.ts";
import { isTeamMember } from "./team.ts";
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
  return { vcs: createVcs(client, appId, options.now, kind), receiver, deliveries, client };
}

function createVcs(client: GithubClient, appId: number, now: () => number, kind: string): Vcs {
  const urgent = permitting(client);
  // An id is asked for once and for all, and without it a permission cannot be asked for either.
  const nodeIds = new NodeIds(urgent);
  const looked = new Looked(now);
  const shared = { kind, appId, now, nodeIds, looked, listings: new Listings() };
  return {
    numberSign: "#",
    hasStatuses: true,
    commentCharsMax: COMMENT_CHARS_MAX,
    ...judging(client, shared),
    permitting: judging(urgent, shared),
    openPullRequests: (repo) => listOpen(client, repo),
    mergedPullRequests: (repo) => listMerged(client, repo),
    branch: (repo, name) => readBranch(client, repo, name),
    comment: async (repo, number, id) => {
      const seen = await look({ client, ...shared }, repo, number, { said: true });
      if (seen.kind !== "ok" && seen.kind !== "not_found") return seen;
      const both = seen.kind === "ok" ? seen.value : undefined;
      const said = both?.said.get(id);
      if (both !== undefined && said !== undefined) return ok({ ...said, pullRequest: both.view });
      return await readComment(client, repo, number, id);
    },
    putComment: (repo, number, draft) => putComment(client, looked, appId, repo, number, draft),
    outdateComment: (repo, number, comment) => outdateComment(client, appId, repo, number, comment),
    acknowledge: (repo, _number, comment) => acknowledge(client, repo, comment),
    putCheck: (repo, draft) =>
      draft.isStatus === true
        ? putStatus(client, repo, draft)
        : putCheck(client, looked, appId, repo, draft),
    putLabel: (repo, number, label) => putLabel(client, repo, number, label),
    askReviewers: (repo, number, wanted) => askReviewers(client, repo, number, wanted),
    putIssues: (repo, issues) => putIssues(client, appId, repo, issues),
    readToken: (repo) => readToken(client, repo),
    lookUp: (fullName) => lookUpRepository(client, fullName),
    proposeFiles: (repo, proposal) => proposeFiles(client, repo, proposal),
    installationState: (installation) => readInstallation(client, installation),
    repositoryStanding: (repo) => readStanding(client, repo),
    merge: (repo, number, request) => mergePull(urgent, repo, number, request),
    enqueue: (repo, number, head) => enqueue(urgent, nodeIds, repo, number, head),
    deleteBranch: (repo, branch) => deleteBranch(client, nodeIds, repo, branch),
  };
}

/** What is remembered, whoever asked for it. */
interface Shared {
  readonly kind: string;
  readonly appId: number;
  readonly now: () => number;
  readonly nodeIds: NodeIds;
  readonly looked: Looked;
  readonly listings: Listings;
}

/** What a pull request is judged by, asked for by this client. */
function judging(client: GithubClient, shared: Shared): Judging {
  const { kind, appId, nodeIds, looked, listings } = shared;
  const files = new FileReader(client);
  return {
    kind,
    pullRequest: async (repo, number) => {
      const seen = await look({ client, ...shared }, repo, number);
      if (seen.kind !== "ok") return seen;
      if (seen.value !== undefined) return ok(seen.value.view);
      const viewed = await viewPullRequest(client, repo, number);
      // What an earlier look told of its checks is older than this.
      if (viewed.kind === "ok") looked.forgetChecks(repo, viewed.value.headSha);
      return viewed;
    },
    tree: async (repo, commit) => {
      const listed = await listings.at(client, repo, commit);
      return listed.kind === "ok" ? ok(filePaths(listed.value)) : listed;
    },
    changes: (repo, range) => readChanges({ client, listings, looked }, repo, range),
    file: (repo, commit, path, charsMax) => files.read(repo, commit, path, charsMax),
    readFiles: async (repo, commit, paths, charsMax) => {
      const known = isConfig(paths) ? looked.files(repo, commit, paths) : undefined;
      if (known !== undefined) return ok(known);
      return await readFiles(client, nodeIds, files, repo, { commit, paths, charsMax });
    },
    sibling: async (repo, names, folder) => {
      const known = looked.sibling(repo);
      if (known !== undefined && isCentral(names, folder)) return ok(known.found);
      return await findSibling(client, nodeIds, repo, names, folder);
    },
    permission: (repo, account) => readPermission(client, looked, repo, account),
    teamMember: (repo, team, account) => isTeamMember(client, repo, team, account),
    checks: async (repo, commit) => {
      const known = looked.checks(repo, commit);
      return known === undefined ? await readChecks(client, appId, repo, commit) : ok(known);
    },
    openReviews: (repo, number) => readOpenReviews(client, repo, number),
  };
}

/** A look asks for exactly these. */
function isConfig(paths: readonly string[]): boolean {
  return paths.length === CONFIG_PATHS.length && paths.every((one, at) => one === CONFIG_PATHS[at]);
}

function isCentral(names: readonly string[], folder: string): boolean {
  return folder === CENTRAL_FOLDER && names.join() === CENTRAL_NAMES.join();
}
