import type { RepositoryRef, Sibling, VcsResult } from "../../ports/vcs.ts";
import { branchHead, defaultBranch } from "../git/ref.ts";
import { hasDirectory } from "../git/tree.ts";
import { bare, type ForgeContext, findRepository, LOCAL_INSTALLATION, ok } from "./context.ts";

/** Repositories here have no owner but the part of the name before the last slash. */
export async function findSibling(
  context: ForgeContext,
  ref: RepositoryRef,
  names: readonly string[],
  folder: string,
): Promise<VcsResult<Sibling | undefined>> {
  const found = await findRepository(context, ref.id);
  if (found.kind !== "ok") return found;
  const { fullName } = found.value;
  const owner = fullName.slice(0, fullName.lastIndexOf("/") + 1);
  for (const name of names) {
    const repository = await context.store.repositoryNamed(`${owner}${name}`);
    if (repository === undefined) continue;
    const repo = bare(context, repository);
    const commit = await branchHead(repo, await defaultBranch(repo));
    if (commit === undefined || !(await hasDirectory(repo, commit, folder))) continue;
    const { id } = repository;
    const sibling = { installation: LOCAL_INSTALLATION, id, fullName: repository.fullName };
    return ok({ ref: sibling, commit });
  }
  return ok(undefined);
}
