import type { RepositoryRef, Sibling, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { ownerOf } from "./paths.ts";
import { type ProjectData, readBranch, readProject } from "./project.ts";
import { projectSchema, treeSchema } from "./schema.ts";

/** Beside means in the same group, however deep that is: one further up is another owner. */
export async function findSibling(
  client: GitlabClient,
  repo: RepositoryRef,
  names: readonly string[],
  folder: string,
): Promise<VcsResult<Sibling | undefined>> {
  const project = await readProject(client, repo);
  if (project.kind !== "ok") return project;
  const owner = ownerOf(project.value.path_with_namespace);
  for (const name of names) {
    const fullName = `${owner}/${name}`;
    const path = `/projects/${encodeURIComponent(fullName)}`;
    const found = await client.call({ method: "GET", path }, projectSchema);
    if (found.kind === "not_found") continue;
    // Overrides that exist must not vanish because we are not let in.
    if (found.kind !== "ok") return found;
    // A project that moved away answers under its old name, too.
    if (found.value.path_with_namespace.toLowerCase() !== fullName.toLowerCase()) continue;
    const sibling = await look(client, repo, found.value, folder);
    if (sibling.kind !== "ok" || sibling.value !== undefined) return sibling;
  }
  return ok(undefined);
}

async function look(
  client: GitlabClient,
  { installation }: RepositoryRef,
  { id, path_with_namespace: fullName, default_branch: branch }: ProjectData,
  folder: string,
): Promise<VcsResult<Sibling | undefined>> {
  if (branch == null) return ok(undefined);
  const ref = { installation, id, fullName };
  const commit = await readBranch(client, ref, branch);
  if (commit.kind === "not_found") return ok(undefined);
  if (commit.kind !== "ok") return commit;
  const query = { path: folder, ref: commit.value, per_page: "1" };
  const path = projectPath(ref, "/repository/tree");
  const entries = await client.call({ method: "GET", path, query }, treeSchema);
  if (entries.kind === "not_found") return ok(undefined);
  if (entries.kind !== "ok") return entries;
  // A file of that name has nothing in it.
  const isFolder = entries.value.some((entry) => entry.path.startsWith(`${folder}/`));
  return ok(isFolder ? { ref, commit: commit.value } : undefined);
}
