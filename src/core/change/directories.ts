import type { Tree } from "./affected.ts";
import { compareText, ROOT_DIR } from "./dirspace.ts";

/** The directories that directly hold a file, each with the paths of those files. */
export type Directories = ReadonlyMap<string, readonly string[]>;

export function directoriesOf(tree: Tree): Directories {
  const directories = new Map<string, string[]>();
  let lastDir: string | undefined;
  let lastFiles: string[] = [];
  for (const path of inOrder(tree.files)) {
    // Trees are sorted, so neighbours mostly share their directory.
    if (lastDir === undefined || !isDirectlyIn(path, lastDir)) {
      lastDir = dirname(path);
      const known = directories.get(lastDir);
      lastFiles = known ?? [];
      if (known === undefined) directories.set(lastDir, lastFiles);
    }
    lastFiles.push(path);
  }
  return directories;
}

/** Whatever order the files come in, what is said about them is the same. */
function inOrder(files: readonly string[]): readonly string[] {
  const sorted = files.every((path, at) => at === 0 || (files[at - 1] ?? "") <= path);
  return sorted ? files : [...files].sort(compareText);
}

function isDirectlyIn(path: string, dir: string): boolean {
  const slash = path.lastIndexOf("/");
  return dir === ROOT_DIR ? slash < 0 : slash === dir.length && path.startsWith(dir);
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ROOT_DIR : path.slice(0, slash);
}
