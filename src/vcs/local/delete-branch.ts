import type { CommitSha } from "../../core/ids.ts";
import type { VcsResult } from "../../ports/vcs.ts";
import { branchHead, defaultBranch, deleteBranch as deleteRef } from "../git/ref.ts";
import { bare, type ForgeContext, findRepository, ok, rejected } from "./context.ts";
import { noticePushes } from "./notice.ts";

const OPEN_MAX = 10_000;

/** Git compares and deletes under its own lock, so a push at the same time keeps the branch. */
export async function deleteBranch(
  context: ForgeContext,
  repositoryId: string,
  { name, at }: { readonly name: string; readonly at: CommitSha },
): Promise<VcsResult<void>> {
  const found = await findRepository(context, repositoryId);
  if (found.kind !== "ok") return found;
  const repo = bare(context, found.value);
  if (name === (await defaultBranch(repo))) {
    return rejected(`${name} is the default branch of ${found.value.fullName}.`);
  }
  const open = await context.store.pullRequests(repositoryId, { state: "open", limit: OPEN_MAX });
  const user = open.find((pull) => pull.headRef === name || pull.baseRef === name);
  if (user !== undefined) return rejected(`Pull request #${user.number} needs ${name}.`);
  const now = await branchHead(repo, name);
  if (now === undefined) return ok(undefined);
  if (now !== at || !(await deleteRef(repo, name, at))) {
    return rejected(`${name} has moved on since; it was at ${at.slice(0, 8)} when it was merged.`);
  }
  await noticePushes(context, found.value);
  return ok(undefined);
}
