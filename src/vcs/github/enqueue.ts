import { z } from "zod";
import type { CommitSha } from "../../core/ids.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";
import type { NodeIds } from "./node-ids.ts";

const LOOK = `query ($id: ID!, $number: Int!) {
  node(id: $id) {
    ... on Repository { pullRequest(number: $number) { id state isInMergeQueue } }
  }
}`;

const lookSchema = z.object({
  data: z.object({
    node: z
      .object({
        pullRequest: z
          .object({ id: z.string(), state: z.string(), isInMergeQueue: z.boolean() })
          .nullable(),
      })
      .nullable(),
  }),
});

/** GitHub compares the head and takes the pull request at once. */
const ENQUEUE = `mutation ($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head}) { clientMutationId }
}`;

const enqueuedSchema = z.object({
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).optional(),
});

/** Only GraphQL knows merge queues. Which method they merge by is their own setting. */
export async function enqueue(
  client: GithubClient,
  nodeIds: NodeIds,
  repo: RepositoryRef,
  number: number,
  head: CommitSha,
): Promise<VcsResult<void>> {
  const id = await nodeIds.of(repo);
  if (id.kind !== "ok") return id;
  const looked = await client.query(repo, LOOK, { id: id.value, number }, lookSchema);
  if (looked.kind !== "ok") return looked;
  const pull = looked.value.data.node?.pullRequest;
  if (pull === null || pull === undefined) {
    return { kind: "not_found", message: `There is no #${number} in ${repo.fullName} any more.` };
  }
  // Also where the answer to an earlier call was lost.
  if (pull.isInMergeQueue || pull.state === "MERGED") return ok(undefined);
  const done = await client.query(repo, ENQUEUE, { pull: pull.id, head }, enqueuedSchema);
  if (done.kind !== "ok") return done;
  const [error] = done.value.errors ?? [];
  if (error === undefined) return ok(undefined);
  const kind = error.type === "FORBIDDEN" ? "forbidden" : "rejected";
  return { kind, message: `GitHub does not put it into the merge queue: ${error.message}` };
}
