import type { Tree } from "./affected.ts";
import { buildFinder, type DerivedDirspace, matchingDirspaces, patternsOf } from "./derived.ts";
import type { Directories } from "./directories.ts";
import { listMatches } from "./file-pattern.ts";

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
    if (derived === undefined) continue;
    const patterns = patternsOf(derived);
    const own = directories.get(derived.dirspace.dir) ?? [];
    // Nearly always a file of the directory itself decides; the whole tree is read only once.
    if (!own.some((file) => listMatches(patterns, file))) empty.add(position);
  }
  if (empty.size === 0) return empty;
  const finder = buildFinder(dirspaces, empty);
  for (const file of tree.files) {
    if (empty.size === 0) break;
    for (const position of matchingDirspaces(dirspaces, finder, file)) empty.delete(position);
  }
  return empty;
}
