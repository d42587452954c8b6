import type { CommitSha } from "../../core/ids.ts";
import { type Discovered, discover } from "../../core/starter/discover.ts";
import { filesToRead, STARTER_LIMITS } from "../../core/starter/files-to-read.ts";
import type { RepositoryRef, Vcs, VcsResult } from "../../ports/vcs.ts";

/** As many as one query of the VCS takes. */
const TOGETHER = 20;

/** What a commit holds, read through the VCS: nothing is cloned. */
export async function discoverCommit(
  vcs: Vcs,
  ref: RepositoryRef,
  commit: CommitSha,
  limits = STARTER_LIMITS,
): Promise<VcsResult<Discovered>> {
  const tree = await vcs.tree(ref, commit);
  if (tree.kind !== "ok") return tree;
  const { read } = filesToRead(tree.value, limits);
  const texts = new Map<string, string>();
  let room = limits.charsMax;
  for (let at = 0; at < read.length && room > 0; at += TOGETHER) {
    const some = read.slice(at, at + TOGETHER);
    const found = await vcs.readFiles(ref, commit, some, limits.fileCharsMax);
    if (found.kind !== "ok") return found;
    for (const file of found.value) {
      if (file.kind !== "text") continue;
      room -= file.text.length;
      texts.set(file.path, file.text);
    }
  }
  return { kind: "ok", value: discover(tree.value, texts) };
}
