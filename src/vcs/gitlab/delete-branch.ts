import { z } from "zod";
import type { CommitSha } from "../../core/ids.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { segment } from "./paths.ts";

const branchSchema = z.object({
  default: z.boolean(),
  protected: z.boolean(),
  commit: z.object({ id: z.string() }),
});

const openSchema = z.array(z.object({ iid: z.number().int() }));

/** GitLab deletes a branch wherever it is, so it is looked at directly before. */
export async function deleteBranch(
  client: GitlabClient,
  repo: RepositoryRef,
  { name, at }: { readonly name: string; readonly at: CommitSha },
): Promise<VcsResult<void>> {
  const part = segment(name);
  if (part === undefined) return ok(undefined);
  const of = await openWith(client, repo, { source_branch: name });
  if (of.kind !== "ok") return of;
  if (of.value !== undefined) return rejected(`!${of.value} is made of ${name} too.`);
  // Without its target a merge request cannot be merged any more.
  const onto = await openWith(client, repo, { target_branch: name });
  if (onto.kind !== "ok") return onto;
  if (onto.value !== undefined) return rejected(`!${onto.value} goes onto ${name}.`);
  const path = projectPath(repo, `/repository/branches/${part}`);
  const found = await client.call({ method: "GET", path }, branchSchema);
  if (found.kind === "not_found") return ok(undefined);
  if (found.kind !== "ok") return found;
  const { default: isDefault, protected: isProtected, commit } = found.value;
  if (isDefault) return rejected(`${name} is the default branch.`);
  if (isProtected) return rejected(`${name} is protected.`);
  if (commit.id !== at) {
    return rejected(`${name} has moved on since; it was at ${at.slice(0, 8)} when it was merged.`);
  }
  const deleted = await client.ask({ method: "DELETE", path });
  return deleted.kind === "ok" || deleted.kind === "not_found" ? ok(undefined) : deleted;
}

/** The number of an open merge request like that. */
async function openWith(
  client: GitlabClient,
  repo: RepositoryRef,
  like: Readonly<Record<string, string>>,
): Promise<VcsResult<number | undefined>> {
  const query = { state: "opened", per_page: "1", ...like };
  const path = projectPath(repo, "/merge_requests");
  const found = await client.call({ method: "GET", path, query }, openSchema);
  return found.kind === "ok" ? ok(found.value[0]?.iid) : found;
}

function rejected(message: string): VcsResult<void> {
  return { kind: "rejected", message };
}
