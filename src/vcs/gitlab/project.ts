import type { z } from "zod";
import type { CommitSha } from "../../core/ids.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, type GitlabResult, ok, projectPath } from "./client.ts";
import { segment } from "./paths.ts";
import { branchSchema, projectSchema } from "./schema.ts";

export type ProjectData = z.infer<typeof projectSchema>;

export async function readProject(
  client: GitlabClient,
  repo: { readonly id: string },
): Promise<GitlabResult<ProjectData>> {
  return await client.call({ method: "GET", path: projectPath(repo, "") }, projectSchema);
}

export async function readBranch(
  client: GitlabClient,
  repo: RepositoryRef,
  branch: string,
): Promise<VcsResult<CommitSha>> {
  const name = segment(branch);
  if (name === undefined) {
    return { kind: "not_found", message: `No branch can be called "${branch}".` };
  }
  const path = projectPath(repo, `/repository/branches/${name}`);
  const found = await client.call({ method: "GET", path }, branchSchema);
  if (found.kind === "ok") return ok(found.value.commit.id);
  // A name that no branch can have is refused instead.
  return found.kind === "rejected" && found.status === 400
    ? { kind: "not_found", message: found.message }
    : found;
}
