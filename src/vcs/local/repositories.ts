import { join } from "node:path";
import type { ForgeRepository } from "../../ports/forge-store.ts";
import type { VcsResult } from "../../ports/vcs.ts";
import { isBranchName } from "../git/ref.ts";
import { configureBare, initBare, installHook, openBare } from "../git/repository.ts";
import { bare, type ForgeContext, ok, rejected } from "./context.ts";
import { refuseRepositoryName } from "./names.ts";
import { acceptBranches } from "./notice.ts";

export interface CreateRepository {
  readonly name: string;
  /** An existing bare repository; without it an empty one is made. */
  readonly bareDir?: string;
  /** Of a new repository. */
  readonly defaultBranch?: string;
}

export async function createRepository(
  context: ForgeContext,
  reposDir: string,
  wanted: CreateRepository,
): Promise<VcsResult<ForgeRepository>> {
  const branch = wanted.defaultBranch ?? "main";
  const refused = refuseRepositoryName(wanted.name);
  if (refused !== undefined) return refused;
  if (!isBranchName(branch)) return rejected(`${JSON.stringify(branch)} is no branch name.`);
  if ((await context.store.repositoryNamed(wanted.name)) !== undefined) return taken(wanted.name);

  const place = wanted.bareDir ?? join(reposDir, `${wanted.name}.git`);
  const { searchPath } = context;
  // What a crash left behind is simply used: init changes nothing that is there.
  if (wanted.bareDir === undefined) await initBare({ dir: place, searchPath }, branch);
  const opened = await openBare({ dir: place, searchPath });
  if (opened.kind !== "ok") return rejected(opened.message);
  const repository = { id: context.newId(), fullName: wanted.name, bareDir: opened.dir };
  await configureBare(bare(context, repository));
  if ((await installHook(bare(context, repository))) === "foreign") {
    const fields = { repository: repository.fullName };
    context.log.warn(fields, "the repository has its own post-receive hook; pushes show up later");
  }
  switch (await context.store.addRepository({ ...repository, at: context.now() })) {
    case "added":
      await acceptBranches(context, repository);
      return ok(repository);
    case "name_taken":
      return taken(wanted.name);
    case "directory_taken":
      return rejected(`${opened.dir} belongs to another repository of this server.`);
  }
}

function taken(name: string): VcsResult<never> {
  return rejected(`There is a repository ${name} already.`);
}
