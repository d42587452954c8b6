import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type CommitSha, parseCommitSha } from "../../core/ids.ts";
import { type BareRepository, GitError, gitText } from "./run.ts";

/** The tree of a commit with these files in it, and whether it is another one. Nothing points to it yet. */
export async function treeWith(
  repo: BareRepository,
  commit: CommitSha,
  files: readonly { readonly path: string; readonly text: string }[],
  newId: () => string,
): Promise<{ readonly tree: string; readonly differs: boolean }> {
  const before = (await gitText(repo, ["rev-parse", `${commit}^{tree}`])).trim();
  const index = join(repo.dir, `terrane-index-${newId()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    await gitText(repo, ["read-tree", before], { env });
    for (const { path, text } of files) {
      const hash = ["hash-object", "-w", "--stdin"];
      const blob = (await gitText(repo, hash, { input: text })).trim();
      const add = ["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`];
      await gitText(repo, add, { env });
    }
    const tree = (await gitText(repo, ["write-tree"], { env })).trim();
    return { tree, differs: tree !== before };
  } finally {
    await rm(index, { force: true });
  }
}

export interface CommitSummary {
  readonly tree: string;
  readonly parent: CommitSha | undefined;
  readonly message: string;
}

export async function commitSummary(
  repo: BareRepository,
  commit: CommitSha,
): Promise<CommitSummary> {
  const text = await gitText(repo, ["show", "-s", "--format=%T%x00%P%x00%B", commit]);
  const [tree = "", parents = "", message = ""] = text.split("\0");
  return { tree, parent: parseCommitSha(parents.split(" ")[0] ?? ""), message };
}

/** Makes a branch, or points it elsewhere, unless it is not where it was when we looked. */
export async function pointBranch(
  repo: BareRepository,
  branch: string,
  to: CommitSha,
  from: CommitSha | undefined,
): Promise<boolean> {
  const args = ["update-ref", `refs/heads/${branch}`, to, from ?? "0".repeat(to.length)];
  try {
    await gitText(repo, args);
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}
