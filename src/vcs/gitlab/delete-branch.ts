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
  const query = { state: "opened", source_branch: name, per_page: "1" };
  const open = projectPath(repo, "/merge_requests");
  const users = await client.call({ method: "GET", path: open, query }, openSchema);
  if (users.kind !== "ok") return users;
  const [user] = users.value;
  if (user !== undefined) return rejected(`!${user.iid} is made of ${name} too.`);
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

function rejected(message: string): VcsResult<void> {
  return { kind: "rejected", message };
}
