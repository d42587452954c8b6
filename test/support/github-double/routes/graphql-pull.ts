import { GraphQLError } from "graphql";
import { authorize, type Caller } from "../auth.ts";
import { lookAtMergeability } from "../domain/pulls.ts";
import { git, tryGit } from "../git.ts";
import { type CommitFacts, readBlob, readCommit, readCommits } from "../git-read.ts";
import { OTHER_APP } from "../shapes/check.ts";
import { fullPull } from "../shapes/pull.ts";
import type { Json } from "../spec/description.ts";
import {
  type Account,
  type CheckRun,
  type Comment,
  fullName,
  nodeId,
  type Pull,
  type Repository,
  type Status,
  type World,
} from "../world.ts";

interface Paged {
  readonly first?: number;
  readonly last?: number;
}

/** A connection, cut as asked for: the first or the last so many. */
function connection(all: readonly unknown[], { first, last }: Paged): Json {
  if (first === undefined && last === undefined) {
    throw refuse("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value.");
  }
  if ((first ?? last ?? 0) > 100) throw refuse("EXCESSIVE_PAGINATION", "More than 100 records.");
  const nodes = first === undefined ? all.slice(-(last ?? 0)) : all.slice(0, first);
  return { totalCount: all.length, nodes };
}

export function refuse(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

/** Bots have no `[bot]` behind their name here. */
function actorNode({ id, login, type }: Account): Json {
  return {
    __typename: type,
    login: type === "Bot" ? login.replace(/\[bot\]$/, "") : login,
    databaseId: id,
  };
}

export function pullNode(world: World, caller: Caller, pull: Pull): Json {
  const repo = pull.repository;
  const { gitDir } = repo;
  const range = () => readCommits(gitDir, [`${pull.base.sha}..${pull.head.sha}`]);
  const { merged, head, base } = pull;
  const branch = repo.branches.get(base.ref);
  return {
    __typename: "PullRequest",
    reviewDecision: reviewDecision(pull),
    id: nodeId("PR", pull.id),
    databaseId: pull.id,
    fullDatabaseId: String(pull.id),
    number: pull.number,
    title: pull.title,
    isDraft: pull.draft,
    isInMergeQueue: pull.queuedBy !== undefined,
    isMergeQueueEnabled: repo.protections.get(base.ref)?.queue === true,
    url: `${world.origin}/${fullName(repo)}/pull/${pull.number}`,
    state: merged !== undefined ? "MERGED" : pull.state.toUpperCase(),
    mergedAt: merged?.at.toISOString() ?? null,
    mergeCommit: () => (merged === undefined ? null : commitNode(world, caller, repo, merged.sha)),
    author: actorNode(pull.author),
    headRefName: head.ref,
    headRefOid: head.sha,
    headRepository: head.repository && { id: nodeId("R", head.repository.id) },
    baseRefName: base.ref,
    baseRefOid: base.sha,
    baseRef: () => branch && { name: base.ref, target: commitNode(world, caller, repo, branch) },
    mergeable: async () => {
      await lookAtMergeability(pull);
      if (pull.mergeability.state === "unknown") return "UNKNOWN";
      return pull.mergeability.mergeable ? "MERGEABLE" : "CONFLICTING";
    },
    changedFiles: async () => (await fullPull(world, pull))["changed_files"],
    reviews: ({ states, ...paged }: Paged & { states?: readonly string[] }) =>
      connection(
        pull.reviews
          .filter(({ state }) => states === undefined || states.includes(state))
          .map(({ state, author, commit }) => ({
            state,
            author: actorNode(author),
            commit: { __typename: "Commit", oid: commit },
          })),
        paged,
      ),
    comments: (paged: Paged) =>
      connection(
        [...repo.comments.values()]
          .filter((one) => one.number === pull.number)
          .map((one) => commentNode(world, one)),
        paged,
      ),
    commits: async (paged: Paged) =>
      connection(
        (await range()).map((facts) => ({
          commit: commitNode(world, caller, repo, facts.sha, facts),
        })),
        paged,
      ),
  };
}

export function commentNode(world: World, comment: Comment): Json {
  return {
    __typename: "IssueComment",
    id: nodeId("IC", comment.id),
    fullDatabaseId: String(comment.id),
    body: comment.body,
    createdAt: comment.createdAt.toISOString(),
    author: actorNode(comment.author),
    viewerDidAuthor: comment.author === world.app.bot,
    isMinimized: comment.minimized !== undefined,
    minimizedReason: comment.minimized ?? null,
  };
}

export function commitNode(
  world: World,
  caller: Caller,
  repo: Repository,
  oid: string,
  known?: CommitFacts,
): Json {
  const needs = (permission: string) => {
    try {
      authorize(world, caller, repo, { permissions: [permission], level: "read" });
    } catch {
      throw refuse("FORBIDDEN", "Resource not accessible by integration");
    }
  };
  return {
    __typename: "Commit",
    oid,
    parents: async (paged: Paged) =>
      connection(
        (known ?? (await readCommit(repo.gitDir, oid))).parents.map((parent) => ({
          __typename: "Commit",
          oid: parent,
        })),
        paged,
      ),
    file: ({ path }: { path: string }) => fileNode(world, repo, oid, path),
    checkSuites: ({ filterBy, ...paged }: Paged & { filterBy?: { appId?: number } }) => {
      needs("checks");
      return connection(suitesAt(world, repo, oid, filterBy?.appId), paged);
    },
    statusCheckRollup: () => {
      needs("checks");
      needs("statuses");
      const checks = latestChecks(repo, oid).map((one) => checkNode(world, one));
      const statuses = latestStatuses(repo, oid).map(statusNode);
      const all = [...checks, ...statuses];
      return all.length === 0 ? null : { contexts: (paged: Paged) => connection(all, paged) };
    },
  };
}

/** Files of commits never change, and one look asks for many. */
async function fileNode(
  world: World,
  repo: Repository,
  oid: string,
  path: string,
): Promise<Json | null> {
  const key = `${repo.id} ${oid} ${path}`;
  const known = world.fileNodes.get(key);
  if (known !== undefined) return await known;
  const reading = readFileNode(repo, oid, path);
  world.fileNodes.set(key, reading);
  return await reading;
}

async function readFileNode({ gitDir }: Repository, oid: string, path: string) {
  const ran = await tryGit(gitDir, ["ls-tree", "-z", oid, "--", path]);
  const [mode = "", type = "", sha = ""] = ran.stdout.toString("utf8").split(/[ \t]/);
  if (ran.code !== 0 || mode === "") return null;
  const object =
    type === "blob" ? blobNode(sha, await readBlob(gitDir, sha)) : { __typename: "Tree" };
  return { mode: Number.parseInt(mode, 8), type, object };
}

export function blobNode(oid: string, content: Buffer | undefined): Json | null {
  if (content === undefined) return null;
  return {
    __typename: "Blob",
    oid,
    byteSize: content.length,
    text: content.includes(0) ? null : content.toString("utf8"),
    isBinary: content.includes(0),
    isTruncated: false,
  };
}

export async function objectNode(
  world: World,
  caller: Caller,
  repo: Repository,
  expression: string,
): Promise<Json | null> {
  if (expression.startsWith("-")) return null;
  // `HEAD` is the default branch, whatever the bare repository here points at.
  const asked = expression.replace(/^HEAD(?=:|$)/, repo.defaultBranch);
  const found = await git(repo.gitDir, ["rev-parse", "--verify", "--end-of-options", asked])
    .then((text) => text.trim())
    .catch(() => undefined);
  if (found === undefined) return null;
  const kind = (await git(repo.gitDir, ["cat-file", "-t", found]).catch(() => "")).trim();
  if (kind === "") return null;
  if (kind === "blob") return blobNode(found, await readBlob(repo.gitDir, found));
  if (kind === "tree") return { __typename: "Tree", oid: found };
  return commitNode(world, caller, repo, found);
}

/** Of each name in a suite only the newest. */
function latestChecks(repo: Repository, oid: string): readonly CheckRun[] {
  const at = [...repo.checks.values()].filter((one) => one.headSha === oid);
  return [...new Map(at.map((one) => [`${one.suite} ${one.name}`, one])).values()];
}

function latestStatuses(repo: Repository, oid: string): readonly Status[] {
  const at = repo.statuses.filter((one) => one.sha === oid);
  return [...new Map(at.map((one) => [one.context, one])).values()];
}

function suitesAt(world: World, repo: Repository, oid: string, app: number | undefined) {
  const suites = new Map<number, CheckRun[]>();
  for (const check of repo.checks.values()) {
    if (check.headSha !== oid || (app !== undefined && appOf(world, check) !== app)) continue;
    suites.set(check.suite, [...(suites.get(check.suite) ?? []), check]);
  }
  return [...suites.values()].map((checks) => ({
    checkRuns: (paged: Paged) =>
      connection(
        checks.map((one) => checkNode(world, one)),
        paged,
      ),
  }));
}

function appOf(world: World, check: CheckRun): number {
  return check.foreign ? OTHER_APP : world.app.id;
}

function checkNode(world: World, check: CheckRun): Json {
  return {
    __typename: "CheckRun",
    name: check.name,
    status: check.status.toUpperCase(),
    conclusion: check.conclusion?.toUpperCase() ?? null,
    checkSuite: { app: { databaseId: appOf(world, check) } },
  };
}

function statusNode({ context, state }: Status): Json {
  return { __typename: "StatusContext", context, state: state.toUpperCase() };
}

/** Null where the base branch wants no reviews. */
function reviewDecision(pull: Pull): string | null {
  const wanted = pull.repository.protections.get(pull.base.ref)?.approvals ?? 0;
  if (wanted === 0) return null;
  const latest = new Map(
    pull.reviews
      .filter((review) => review.state !== "COMMENTED" && review.state !== "PENDING")
      .map((review) => [review.author.id, review.state]),
  );
  const states = [...latest.values()];
  if (states.includes("CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  const approvals = states.filter((state) => state === "APPROVED").length;
  return approvals >= wanted ? "APPROVED" : "REVIEW_REQUIRED";
}
