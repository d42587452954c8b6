import type { LabelWish, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { mergeRequestSchema } from "./schema.ts";

/** GitLab makes a label that the project does not have. */
export async function putLabel(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
  { name, instead }: LabelWish,
): Promise<VcsResult<void>> {
  const path = projectPath(repo, `/merge_requests/${number}`);
  const body = {
    add_labels: name,
    ...(instead.length === 0 ? {} : { remove_labels: instead.join(",") }),
  };
  const put = await client.call({ method: "PUT", path, body }, mergeRequestSchema);
  return put.kind === "ok" ? ok(undefined) : put;
}
