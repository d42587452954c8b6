import { followLinks, joinPath } from "../../base/symlinks.ts";
import type { Symlink } from "./repository-index.ts";

/** Names that links give to other places; a repository with more of them is a trap. */
const ALIASES_MAX = 10_000;
/** Paths that links add to a tree. */
export const LINKED_PATHS_MAX = 300_000;

/** What symbolic links make of paths. */
export interface Aliases {
  readonly targets: ReadonlyMap<string, string>;
  readonly list: readonly Alias[];
  /** Links multiply so much that not all names were made. */
  readonly tooMany: boolean;
}

/** One more name of a place that a link, or links inside what links lead to, give it. */
export interface Alias {
  readonly name: string;
  /** Where the code really is. */
  readonly real: string;
  /** The links that it hangs on. */
  readonly links: readonly string[];
}

/**
 * All names of all places. A link to a directory that it lies in itself gives none: everything in
 * there would be there again, without end.
 */
export function buildAliases(symlinks: readonly Symlink[]): Aliases {
  const targets = new Map(symlinks.map(({ path, target }) => [path, target]));
  const real = new Map<string, string>();
  for (const { path } of symlinks) {
    const found = followLinks(targets, path)?.path;
    if (found !== undefined && !isIn(path, found)) real.set(path, found);
  }
  const sorted = [...real.keys()].sort();
  const list: Alias[] = [...real].map(([name, to]) => ({ name, real: to, links: [name] }));
  const known = new Set(list.map(({ name }) => name));
  // The list grows while it is read: an alias of a directory gives a name to each link inside.
  for (const alias of list) {
    for (const link of within(sorted, alias.real)) {
      const to = real.get(link);
      if (to === undefined || alias.links.includes(link) || link === alias.real) continue;
      const name = joinPath(alias.name, link.slice(alias.real.length + 1));
      if (known.has(name) || isIn(alias.real, to)) continue;
      if (list.length >= ALIASES_MAX) return { targets, list, tooMany: true };
      known.add(name);
      list.push({ name, real: to, links: [...alias.links, link] });
    }
  }
  return { targets, list, tooMany: false };
}

/** The tree together with what its links lead to; `undefined` where that is too much. */
export function withLinked(
  files: readonly string[],
  { list }: Aliases,
): readonly string[] | undefined {
  const sorted = files.toSorted();
  const known = new Set(files);
  const added: string[] = [];
  for (const { name, real } of list) {
    for (const file of within(sorted, real)) {
      if (file === real) continue;
      const path = joinPath(name, file.slice(real.length + 1));
      if (known.has(path)) continue;
      if (added.length >= LINKED_PATHS_MAX) return undefined;
      known.add(path);
      added.push(path);
    }
  }
  return added.length === 0 ? files : [...files, ...added].sort();
}

/** Finds the other names of a path. */
export function otherNames({ list }: Aliases): (path: string) => readonly string[] {
  const byReal = new Map<string, Alias[]>();
  for (const alias of list) {
    const known = byReal.get(alias.real);
    if (known === undefined) byReal.set(alias.real, [alias]);
    else known.push(alias);
  }
  return (path) => {
    const names: string[] = [];
    const note = (end: number): void => {
      for (const { name } of byReal.get(path.slice(0, end)) ?? []) {
        names.push(joinPath(name, path.slice(end + 1)));
      }
    };
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) note(end);
    note(path.length);
    return names;
  };
}

/** Of sorted paths, the directory or file itself and all below it. */
export function* within(sorted: readonly string[], place: string): Generator<string> {
  if (sorted[lowerBound(sorted, place)] === place) yield place;
  // `a-b` and `a.b` stand between `a` and `a/b`.
  for (let at = lowerBound(sorted, `${place}/`); ; at += 1) {
    const path = sorted[at];
    if (path === undefined || !path.startsWith(`${place}/`)) return;
    yield path;
  }
}

function lowerBound(sorted: readonly string[], text: string): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? "") < text) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isIn(path: string, place: string): boolean {
  return place === "." || path === place || path.startsWith(`${place}/`);
}
