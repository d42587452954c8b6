import type { FileChange } from "../../core/pull-request.ts";

/** A file, or a submodule, as the listing of a commit has it. */
export interface TreeFile {
  readonly path: string;
  /** Of its content, as git names it; of a submodule the commit that it is at. */
  readonly sha: string;
  readonly mode: string;
}

const SUBMODULE = "160000";

/** The files without the submodules: those change, but there is nothing to read in them. */
export function filePaths(listed: readonly TreeFile[]): readonly string[] {
  return listed.flatMap(({ path, mode }) => (mode === SUBMODULE ? [] : [path]));
}

/** The id of a file without content, by the two ways in which git makes ids. */
const EMPTY: ReadonlySet<string> = new Set([
  "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
]);

/** What differs between two listings; a file that only moved, byte for byte, is renamed. */
export function diffListings(
  before: readonly TreeFile[],
  after: readonly TreeFile[],
): readonly FileChange[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const now = new Set(after.map((file) => file.path));
  const gone = new Map<string, TreeFile[]>();
  for (const file of before) {
    if (!now.has(file.path)) gone.set(file.sha, [...(gone.get(file.sha) ?? []), file]);
  }
  const changes: FileChange[] = [];
  for (const { path, sha, mode } of after) {
    const was = old.get(path);
    if (was !== undefined) {
      if (was.sha !== sha || was.mode !== mode) changes.push({ kind: "modified", path });
      continue;
    }
    // Empty files are all alike: none of them is where another went.
    const from = EMPTY.has(sha) ? undefined : gone.get(sha)?.shift();
    if (from === undefined) changes.push({ kind: "added", path });
    else changes.push({ kind: "renamed", from: from.path, to: path });
  }
  for (const { path } of [...gone.values()].flat()) changes.push({ kind: "deleted", path });
  return changes;
}
