import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import type { TreeFile } from "../git/diff-listings.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { treeSchema } from "./schema.ts";

/** Subtrees read at a time where a whole tree is too large for one answer. */
const PARALLEL = 4;
/** A tree that is larger than this is a mistake, or an attack on our memory. */
const ENTRIES_MAX = 2_000_000;

type Tree = Awaited<ReturnType<typeof readTree>>;

/**
 * Every file and submodule below a commit or tree. GitHub cuts a recursive listing at 100,000 entries or 7 MB and only
 * says `truncated`: such a tree is walked directory by directory, so that never a subset comes back.
 */
export async function listFiles(
  client: GithubClient,
  repo: RepositoryRef,
  treeish: string,
): Promise<VcsResult<readonly TreeFile[]>> {
  const files: TreeFile[] = [];
  let open: { readonly sha: string; readonly prefix: string }[] = [{ sha: treeish, prefix: "" }];
  while (open.length > 0) {
    const batch = open.slice(0, PARALLEL);
    open = open.slice(PARALLEL);
    const listed = await Promise.all(
      batch.map(async (dir) => ({ dir, found: await readWhole(client, repo, dir.sha) })),
    );
    for (const { dir, found } of listed) {
      if (found.kind !== "ok") return found;
      for (const entry of found.value.entries) {
        const path = `${dir.prefix}${entry.path}`;
        if (entry.type !== "tree") files.push({ path, sha: entry.sha, mode: entry.mode });
        // Of a whole listing the directories are already unfolded.
        else if (!found.value.unfolded) open.push({ sha: entry.sha, prefix: `${path}/` });
      }
    }
    if (files.length > ENTRIES_MAX) {
      return { kind: "rejected", message: `The repository has more than ${ENTRIES_MAX} files.` };
    }
  }
  return ok(files);
}

interface Listing {
  readonly entries: readonly {
    readonly path: string;
    readonly type: string;
    readonly sha: string;
    readonly mode: string;
  }[];
  /** The listing holds what is below the directories, too. */
  readonly unfolded: boolean;
}

async function readWhole(
  client: GithubClient,
  repo: RepositoryRef,
  sha: string,
): Promise<VcsResult<Listing>> {
  const all = await readTree(client, repo, sha, true);
  if (all.kind !== "ok") return all;
  if (!all.value.truncated) return ok({ entries: all.value.tree, unfolded: true });
  const flat: Tree = await readTree(client, repo, sha, false);
  if (flat.kind !== "ok") return flat;
  if (flat.value.truncated) {
    const message = "A directory of the repository has more entries than GitHub lists.";
    return { kind: "rejected", message };
  }
  return ok({ entries: flat.value.tree, unfolded: false });
}

async function readTree(
  client: GithubClient,
  repo: RepositoryRef,
  sha: string,
  recursive: boolean,
) {
  const route = `GET ${repositoryPath("/git/trees/{tree_sha}")}`;
  const wanted = { ...of(repo), tree_sha: sha, ...(recursive ? { recursive: "1" } : {}) };
  return await client.call(repo, route, wanted, treeSchema);
}
