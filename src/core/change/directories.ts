import type { Tree } from "./affected.ts";
import { ROOT_DIR } from "./dirspace.ts";

/** The directories that directly hold a file, each with the paths of those files. */
export type Directories = ReadonlyMap<string, readonly string[]>;

export function directoriesOf(tree: Tree): Directories {
  const directories = new Map<string, string[]>();
  let lastDir: string | undefined;
  let lastFiles: string[] = [];
  for (const path of tree.files) {
    const dir = dirname(path);
    // Trees are sorted, so neighbours mostly share their directory.
    if (dir !== lastDir) {
      lastDir = dir;
      const known = directories.get(dir);
      lastFiles = known ?? [];
      if (known === undefined) directories.set(dir, lastFiles);
    }
    lastFiles.push(path);
  }
  return directories;
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ROOT_DIR : path.slice(0, slash);
}
