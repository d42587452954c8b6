import { z } from "zod";
import type { CommitSha } from "../../core/ids.ts";
import type { RepositoryRef, VcsFailure, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";
import type { NodeIds } from "./node-ids.ts";

const LOOK = `query ($id: ID!, $ref: String!, $name: String!) {
  node(id: $id) {
    ... on Repository {
      defaultBranchRef { name }
      pullRequests(baseRefName: $name, states: [OPEN], first: 1) { nodes { number } }
      ref(qualifiedName: $ref) {
        target { oid }
        branchProtectionRule { id }
        associatedPullRequests(states: [OPEN], first: 1) { nodes { number } }
      }
    }
  }
}`;

const pullRequestsSchema = z.object({ nodes: z.array(z.object({ number: z.number() })) });

const lookSchema = z.object({
  data: z.object({
    node: z
      .object({
        defaultBranchRef: z.object({ name: z.string() }).nullable(),
        pullRequests: pullRequestsSchema,
        ref: z
          .object({
            target: z.object({ oid: z.string() }).nullable(),
            branchProtectionRule: z.object({ id: z.string() }).nullable(),
            associatedPullRequests: pullRequestsSchema,
          })
          .nullable(),
      })
      .nullable(),
  }),
});

/** The other API would delete a branch wherever it is; here GitHub compares and deletes at once. */
const DELETE = `mutation ($id: ID!, $ref: GitRefname!, $at: GitObjectID!, $none: GitObjectID!) {
  updateRefs(input: {repositoryId: $id, refUpdates: [{name: $ref, beforeOid: $at, afterOid: $none}]}) {
    clientMutationId
  }
}`;
const NO_COMMIT = "0".repeat(40);

const deletedSchema = z.object({
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).optional(),
});

/** Deletes a branch that is done with, and only where it still is at that commit. */
export async function deleteBranch(
  client: GithubClient,
  nodeIds: NodeIds,
  repo: RepositoryRef,
  { name, at }: { readonly name: string; readonly at: CommitSha },
): Promise<VcsResult<void>> {
  const id = await nodeIds.of(repo);
  if (id.kind !== "ok") return id;
  const ref = `refs/heads/${name}`;
  const looked = await client.query(repo, LOOK, { id: id.value, ref, name }, lookSchema);
  if (looked.kind !== "ok") return looked;
  const { node } = looked.value.data;
  if (node === null)
    return { kind: "not_found", message: `There is no ${repo.fullName} any more.` };
  const branch = node.ref;
  if (branch === null) return ok(undefined);
  if (node.defaultBranchRef?.name === name) return rejected(`${name} is the default branch.`);
  if (branch.branchProtectionRule !== null) return rejected(`${name} is protected.`);
  const [user] = branch.associatedPullRequests.nodes;
  if (user !== undefined) return rejected(`Pull request #${user.number} is made of ${name} too.`);
  // GitHub gives those another base only where its own merge or button deletes the branch; here it would close them.
  const [onto] = node.pullRequests.nodes;
  if (onto !== undefined) return rejected(`Pull request #${onto.number} goes onto ${name}.`);
  if (branch.target?.oid !== at) {
    return rejected(`${name} has moved on since; it was at ${at.slice(0, 8)} when it was merged.`);
  }
  const variables = { id: id.value, ref, at, none: NO_COMMIT };
  const done = await client.query(repo, DELETE, variables, deletedSchema);
  if (done.kind !== "ok") return done;
  const [error] = done.value.errors ?? [];
  if (error === undefined) return ok(undefined);
  const kind = error.type === "FORBIDDEN" ? "forbidden" : "rejected";
  return { kind, message: `GitHub will not delete ${name}: ${error.message}` };
}

function rejected(message: string): VcsFailure {
  return { kind: "rejected", message };
}
