import type { LabelWish, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { labelListSchema } from "./schema.ts";

/** GitHub makes a label that the repository does not have. */
export async function putLabel(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  { name, instead }: LabelWish,
): Promise<VcsResult<void>> {
  const at = { ...of(repo), issue_number: number };
  const path = "/issues/{issue_number}/labels";
  const add = { ...at, labels: [name] };
  const added = await client.call(repo, `POST ${repositoryPath(path)}`, add, labelListSchema);
  if (added.kind !== "ok") return added;
  for (const label of instead) {
    const route = `DELETE ${repositoryPath(`${path}/{name}`)}`;
    const removed = await client.call(repo, route, { ...at, name: label }, labelListSchema);
    // Somebody has taken it away already.
    if (removed.kind !== "ok" && removed.kind !== "not_found") return removed;
  }
  return ok(undefined);
}
