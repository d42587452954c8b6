import { schema as official } from "@octokit/graphql-schema";
import {
  buildSchema,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  graphql,
} from "graphql";
import type { Api } from "../api.ts";
import { actor, authenticate, authorize, type Caller } from "../auth.ts";
import { lookAtMergeability, setDraft } from "../domain/pulls.ts";
import { git } from "../git.ts";
import { readBlob } from "../git-read.ts";
import { fullPull } from "../shapes/pull.ts";
import { field, isJson, type Json } from "../spec/description.ts";
import {
  type Comment,
  findRepository,
  fullName,
  nodeId,
  type Pull,
  type Repository,
  type World,
} from "../world.ts";

let built: GraphQLSchema | undefined;

/** GitHub's own schema, 0.2 s to build: executing with it checks query, variables and answer. */
function schema(): GraphQLSchema {
  // The published text declares a few fields twice; plain building refuses it.
  built ??= buildSchema(official.idl, { assumeValidSDL: true, assumeValid: true });
  return built;
}

export function graphqlRoute(world: World, api: Api): void {
  api.post("/graphql", async (c) => {
    const caller = await authenticate(world, c.req.header("authorization"));
    const body = c.get("body");
    const variables = field(body, "variables");
    const result: ExecutionResult = await graphql({
      schema: schema(),
      source: String(field(body, "query")),
      variableValues: isJson(variables) ? variables : null,
      rootValue: root(world, caller),
    });
    for (const error of result.errors ?? []) {
      // Refusals are answers; everything else is a query that GitHub would not understand.
      if (error.extensions["type"] === undefined)
        world.journal.violated("graphql", [error.message]);
    }
    return c.json(onTheWire(result));
  });
}

/** GitHub puts the type beside the message. */
function onTheWire({ errors, ...rest }: ExecutionResult): Json {
  if (errors === undefined) return { ...rest };
  const typed = errors.map((error) => ({ type: error.extensions["type"], ...error.toJSON() }));
  return { ...rest, errors: typed };
}

function refuse(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

function root(world: World, caller: Caller): Json {
  return {
    viewer: () => ({ login: actor(world, caller).login, __typename: "User" }),
    node: ({ id }: { id: string }) => {
      for (const repo of world.repositories.values()) {
        if (nodeId("R", repo.id) === id) return visible(world, caller, repo.owner.login, repo.name);
      }
      return pullNode(world, pullByNode(world, id));
    },
    repository: ({ owner, name }: { owner: string; name: string }) =>
      visible(world, caller, owner, name),
    minimizeComment: ({ input }: { input: { subjectId: string; classifier: string } }) => {
      const comment = commentByNode(world, input.subjectId);
      comment.minimized = input.classifier.toLowerCase();
      return { minimizedComment: commentNode(comment) };
    },
    unminimizeComment: ({ input }: { input: { subjectId: string } }) => {
      const comment = commentByNode(world, input.subjectId);
      comment.minimized = undefined;
      return { unminimizedComment: commentNode(comment) };
    },
    enablePullRequestAutoMerge: ({
      input,
    }: {
      input: { pullRequestId: string; mergeMethod?: string };
    }) => {
      const pull = pullByNode(world, input.pullRequestId);
      const method =
        input.mergeMethod === "SQUASH"
          ? "squash"
          : input.mergeMethod === "REBASE"
            ? "rebase"
            : "merge";
      pull.autoMerge = { by: actor(world, caller), method };
      return { pullRequest: pullNode(world, pull) };
    },
    markPullRequestReadyForReview: async ({ input }: { input: { pullRequestId: string } }) => {
      const pull = pullByNode(world, input.pullRequestId);
      await setDraft(world, pull, actor(world, caller), false);
      return { pullRequest: pullNode(world, pull) };
    },
    convertPullRequestToDraft: async ({ input }: { input: { pullRequestId: string } }) => {
      const pull = pullByNode(world, input.pullRequestId);
      await setDraft(world, pull, actor(world, caller), true);
      return { pullRequest: pullNode(world, pull) };
    },
  };
}

/** What the caller may not see is as if it were not there. */
function visible(
  world: World,
  caller: Caller,
  owner: string,
  name: string,
  followRenames = true,
): Json {
  const moved = world.redirects.get(`${owner}/${name}`.toLowerCase());
  const repo =
    findRepository(world, owner, name) ??
    (followRenames && moved !== undefined ? world.repositories.get(moved) : undefined);
  const missing = `Could not resolve to a Repository with the name '${owner}/${name}'.`;
  if (repo === undefined) throw refuse("NOT_FOUND", missing);
  try {
    authorize(world, caller, repo, { permissions: ["metadata"], level: "read" });
  } catch {
    throw refuse("NOT_FOUND", missing);
  }
  return repositoryNode(world, caller, repo);
}

function repositoryNode(world: World, caller: Caller, repo: Repository): Json {
  const { login, id } = repo.owner;
  return {
    __typename: "Repository",
    id: nodeId("R", repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: fullName(repo),
    owner: {
      __typename: "Organization",
      id: nodeId("O", id),
      login,
      repository: ({ name, followRenames }: { name: string; followRenames: boolean }) =>
        visible(world, caller, login, name, followRenames),
    },
    defaultBranchRef: async () => {
      const sha = await tip(repo, repo.defaultBranch);
      const target = { __typename: "Commit", oid: sha };
      return sha === undefined ? null : { name: repo.defaultBranch, target };
    },
    pullRequest: ({ number }: { number: number }) => {
      const pull = repo.pulls.get(number);
      return pull === undefined ? null : pullNode(world, pull);
    },
    object: async ({ expression, oid }: { expression?: string; oid?: string }) =>
      await objectNode(repo, expression ?? oid ?? ""),
  };
}

async function tip(repo: Repository, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  return await git(repo.gitDir, ["rev-parse", "--verify", ref])
    .then((text) => text.trim())
    .catch(() => undefined);
}

async function objectNode(repo: Repository, expression: string): Promise<Json | null> {
  if (expression.startsWith("-")) return null;
  // `HEAD` is the default branch, whatever the bare repository here points at.
  const asked = expression.replace(/^HEAD(?=:|$)/, repo.defaultBranch);
  const found = await git(repo.gitDir, ["rev-parse", "--verify", "--end-of-options", asked])
    .then((text) => text.trim())
    .catch(() => undefined);
  if (found === undefined) return null;
  const kind = await git(repo.gitDir, ["cat-file", "-t", found]).catch(() => "");
  if (kind === "") return null;
  const content = kind.trim() === "blob" ? await readBlob(repo.gitDir, found) : undefined;
  if (content === undefined) {
    return { __typename: kind.trim() === "tree" ? "Tree" : "Commit", oid: found };
  }
  return {
    __typename: "Blob",
    oid: found,
    byteSize: content.length,
    text: content.includes(0) ? null : content.toString("utf8"),
    isBinary: content.includes(0),
    isTruncated: false,
  };
}

function pullNode(world: World, pull: Pull): Json {
  return {
    __typename: "PullRequest",
    reviewDecision: reviewDecision(pull),
    id: nodeId("PR", pull.id),
    databaseId: pull.id,
    number: pull.number,
    title: pull.title,
    isDraft: pull.draft,
    state: pull.merged !== undefined ? "MERGED" : pull.state.toUpperCase(),
    headRefOid: pull.head.sha,
    baseRefOid: pull.base.sha,
    mergeable: async () => {
      await lookAtMergeability(pull);
      if (pull.mergeability.state === "unknown") return "UNKNOWN";
      return pull.mergeability.mergeable ? "MERGEABLE" : "CONFLICTING";
    },
    changedFiles: async () => (await fullPull(world, pull))["changed_files"],
  };
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

function commentNode(comment: Comment): Json {
  return {
    __typename: "IssueComment",
    id: nodeId("IC", comment.id),
    isMinimized: comment.minimized !== undefined,
    minimizedReason: comment.minimized ?? null,
  };
}

function commentByNode(world: World, id: string): Comment {
  for (const repo of world.repositories.values()) {
    for (const comment of repo.comments.values())
      if (nodeId("IC", comment.id) === id) return comment;
  }
  throw refuse("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
}

function pullByNode(world: World, id: string): Pull {
  for (const repo of world.repositories.values()) {
    for (const pull of repo.pulls.values()) if (nodeId("PR", pull.id) === id) return pull;
  }
  throw refuse("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
}
