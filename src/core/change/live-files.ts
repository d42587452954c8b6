import type { Tree } from "./affected.ts";
import { type DerivedDirspace, indexOf } from "./derived.ts";
import type { Directories } from "./directories.ts";
import { listMatches } from "./file-pattern.ts";
import { lookUp } from "./pattern-index.ts";

/** Of the dirspaces at `positions`, those that no file of the tree matches. */
export function withoutFiles(
  dirspaces: readonly DerivedDirspace[],
  positions: readonly number[],
  tree: Tree,
  directories: Directories,
): ReadonlySet<number> {
  const empty = new Set<number>();
  for (const position of positions) {
    const derived = dirspaces[position];
    const own = derived === undefined ? [] : (directories.get(derived.dirspace.dir) ?? []);
    // Nearly always a file of the directory itself decides; the whole tree is read only once.
    if (!own.some((file) => listMatches(derived?.patterns ?? [], file))) empty.add(position);
  }
  if (empty.size === 0) return empty;
  const index = indexOf(dirspaces, empty);
  for (const file of tree.files) {
    if (empty.size === 0) return empty;
    lookUp(index, file, (position) => {
      if (!empty.has(position)) return;
      if (listMatches(dirspaces[position]?.patterns ?? [], file)) empty.delete(position);
    });
  }
  return empty;
}
