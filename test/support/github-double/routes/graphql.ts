import { schema as official } from "@octokit/graphql-schema";
import { buildSchema, type ExecutionResult, type GraphQLSchema, graphql } from "graphql";
import type { Api } from "../api.ts";
import { actor, authenticate, authorize, type Caller } from "../auth.ts";
import { branchesMoved } from "../domain/branches.ts";
import { setDraft } from "../domain/pulls.ts";
import { git } from "../git.ts";
import { missingRequirements } from "../shapes/pull.ts";
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
import { commentNode, commitNode, objectNode, pullNode, refuse } from "./graphql-pull.ts";

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

function root(world: World, caller: Caller): Json {
  return {
    viewer: () => ({ login: actor(world, caller).login, __typename: "User" }),
    node: ({ id }: { id: string }) => {
      for (const repo of world.repositories.values()) {
        if (nodeId("R", repo.id) === id) return visible(world, caller, repo.owner.login, repo.name);
      }
      return pullNode(world, caller, pullByNode(world, id));
    },
    repository: ({ owner, name }: { owner: string; name: string }) =>
      visible(world, caller, owner, name),
    minimizeComment: ({ input }: { input: { subjectId: string; classifier: string } }) => {
      const comment = commentByNode(world, input.subjectId);
      comment.minimized = input.classifier.toLowerCase();
      return { minimizedComment: commentNode(world, comment) };
    },
    unminimizeComment: ({ input }: { input: { subjectId: string } }) => {
      const comment = commentByNode(world, input.subjectId);
      comment.minimized = undefined;
      return { unminimizedComment: commentNode(world, comment) };
    },
    updateRefs: async ({ input }: { input: RefUpdates }) => {
      await updateRefs(world, caller, input);
      return { clientMutationId: null };
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
      return { pullRequest: pullNode(world, caller, pull) };
    },
    enqueuePullRequest: ({
      input,
    }: {
      input: { pullRequestId: string; expectedHeadOid?: string };
    }) => {
      enqueue(world, caller, pullByNode(world, input.pullRequestId), input.expectedHeadOid);
      return { clientMutationId: null };
    },
    markPullRequestReadyForReview: async ({ input }: { input: { pullRequestId: string } }) => {
      const pull = pullByNode(world, input.pullRequestId);
      await setDraft(world, pull, actor(world, caller), false);
      return { pullRequest: pullNode(world, caller, pull) };
    },
    convertPullRequestToDraft: async ({ input }: { input: { pullRequestId: string } }) => {
      const pull = pullByNode(world, input.pullRequestId);
      await setDraft(world, pull, actor(world, caller), true);
      return { pullRequest: pullNode(world, caller, pull) };
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
      if (sha === undefined) return null;
      return { name: repo.defaultBranch, target: commitNode(world, caller, repo, sha) };
    },
    pullRequest: ({ number }: { number: number }) => {
      const pull = repo.pulls.get(number);
      const missing = `Could not resolve to a PullRequest with the number of ${number}.`;
      if (pull === undefined) throw refuse("NOT_FOUND", missing);
      return pullNode(world, caller, pull);
    },
    pullRequests: ({ baseRefName }: { baseRefName: string }) => {
      const pulls = [...repo.pulls.values()].filter(
        ({ state, base }) => state === "open" && base.ref === baseRefName,
      );
      return { nodes: pulls.map((pull) => pullNode(world, caller, pull)) };
    },
    ref: async ({ qualifiedName }: { qualifiedName: string }) => {
      const name = qualifiedName.replace(/^refs\/heads\//, "");
      const sha = await tip(repo, name);
      if (sha === undefined) return null;
      const pulls = [...repo.pulls.values()].filter(
        (pull) => pull.state === "open" && pull.head.repository === repo && pull.head.ref === name,
      );
      const isProtected = repo.protections.has(name);
      return {
        __typename: "Ref",
        target: { __typename: "Commit", oid: sha },
        branchProtectionRule: isProtected ? { id: `BPR_${name}` } : null,
        associatedPullRequests: { nodes: pulls.map((pull) => pullNode(world, caller, pull)) },
      };
    },
    object: async ({ expression, oid }: { expression?: string; oid?: string }) =>
      await objectNode(world, caller, repo, expression ?? oid ?? ""),
  };
}

/** Refuses what the queue would have to give back at once. */
function enqueue(world: World, caller: Caller, pull: Pull, expectedHead: string | undefined): void {
  const { repository: repo, base, head } = pull;
  try {
    authorize(world, caller, repo, { permissions: ["contents"], level: "write" });
  } catch {
    throw refuse("FORBIDDEN", "Resource not accessible by integration");
  }
  const refused = (message: string) => refuse("UNPROCESSABLE", message);
  if (repo.protections.get(base.ref)?.queue !== true) {
    throw refused(`The ${base.ref} branch has no merge queue.`);
  }
  if (pull.queuedBy !== undefined) throw refused("Pull request is already in the queue");
  if (expectedHead !== undefined && expectedHead !== head.sha) {
    throw refused("Head sha didn't match the expected one");
  }
  const [missing] = pull.draft ? ["Pull request is in draft state"] : missingRequirements(pull);
  if (missing !== undefined) throw refused(missing);
  pull.queuedBy = actor(world, caller);
}

interface RefUpdates {
  readonly repositoryId: string;
  readonly refUpdates: readonly {
    readonly name: string;
    readonly beforeOid?: string;
    readonly afterOid: string;
  }[];
}

const NO_COMMIT = "0".repeat(40);

/** Deletes branches, compared with where the caller thinks they are; nobody here updates any. */
async function updateRefs(world: World, caller: Caller, input: RefUpdates): Promise<void> {
  const repo = [...world.repositories.values()].find(
    ({ id }) => nodeId("R", id) === input.repositoryId,
  );
  if (repo === undefined) throw refuse("NOT_FOUND", "Could not resolve to a node.");
  try {
    authorize(world, caller, repo, { permissions: ["contents"], level: "write" });
  } catch {
    throw refuse("FORBIDDEN", "Resource not accessible by integration");
  }
  for (const { name, beforeOid, afterOid } of input.refUpdates) {
    const branch = name.replace(/^refs\/heads\//, "");
    if (afterOid !== NO_COMMIT) throw refuse("UNPROCESSABLE", "Only deletions are known here.");
    if (repo.protections.has(branch)) throw refuse("UNPROCESSABLE", "Cannot delete this branch");
    if (beforeOid !== undefined && (await tip(repo, branch)) !== beforeOid) {
      throw refuse("UNPROCESSABLE", `Expected ${name} to point to ${beforeOid}`);
    }
    await git(repo.gitDir, ["update-ref", "-d", name]);
  }
  await branchesMoved(world, repo, actor(world, caller));
}

async function tip(repo: Repository, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  return await git(repo.gitDir, ["rev-parse", "--verify", ref])
    .then((text) => text.trim())
    .catch(() => undefined);
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
