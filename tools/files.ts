import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Files of the tree: committed ones and new ones, without what git ignores. Sorted, with "/". */
export function treeFiles(root: string, ...under: readonly string[]): readonly string[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...under],
    { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const paths = new Set(listed.split("\0").filter((path) => path !== ""));
  // A file that was deleted but not committed yet is still in the index.
  return [...paths].filter((path) => existsSync(`${root}/${path}`)).toSorted();
}
