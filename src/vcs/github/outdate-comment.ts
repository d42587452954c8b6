import { z } from "zod";
import type { OutdatedComment, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok } from "./client.ts";
import { COMMENT, findComment, markerOf } from "./comment.ts";

const nodeSchema = z.object({ node_id: z.string() });

/** REST has no way to do it. */
const MINIMIZE = `mutation ($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId }
}`;

const minimizedSchema = z.object({
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).optional(),
});

/** Folds our comment away as outdated, or deletes it; twice is fine. */
export async function outdateComment(
  client: GithubClient,
  appId: number,
  repo: RepositoryRef,
  number: number,
  { key, externalId, how }: OutdatedComment,
): Promise<VcsResult<void>> {
  const found =
    externalId === undefined
      ? await findComment(client, appId, repo, number, markerOf(key).trim())
      : ok(externalId);
  if (found.kind !== "ok") return found;
  // Somebody deleted it, or the call that was to write it never got through.
  if (found.value === undefined) return ok(undefined);
  const parameters = { ...of(repo), comment_id: found.value };
  if (how === "deleted") {
    const gone = await client.send(repo, `DELETE ${COMMENT}`, parameters, "extra");
    return gone.kind === "ok" || gone.kind === "not_found" ? ok(undefined) : gone;
  }
  const comment = await client.call(repo, `GET ${COMMENT}`, parameters, nodeSchema, "extra");
  if (comment.kind === "not_found") return ok(undefined);
  if (comment.kind !== "ok") return comment;
  const variables = { id: comment.value.node_id };
  const hidden = await client.query(repo, MINIMIZE, variables, minimizedSchema, "extra");
  if (hidden.kind !== "ok") return hidden;
  const [error] = hidden.value.errors ?? [];
  if (error === undefined || error.type === "NOT_FOUND") return ok(undefined);
  const kind = error.type === "FORBIDDEN" ? "forbidden" : "rejected";
  return { kind, message: `GitHub does not hide an older comment: ${error.message}` };
}
