import type { Because, Change } from "./affected.ts";
import { type Derived, type DerivedDirspace, patternsOf } from "./derived.ts";
import { compareText } from "./dirspace.ts";
import { patternMatches } from "./file-pattern.ts";
import { matchPath, type RuleGroup } from "./finder.ts";

/** A changed path; of a move, both names. */
export interface ChangedPath {
  readonly path: string;
  /** The commit no longer has it. */
  readonly gone: boolean;
}

/** The paths of each dirspace's own match, by its position in the derived list. */
export type FileMatches = ReadonlyMap<number, readonly ChangedPath[]>;

/** How many files a reason names before it counts. */
export const BECAUSE_FILES_MAX = 10;

/** Sorted, each path once; one that is both gone and there counts as there. */
export function changedPaths(changes: readonly Change[]): readonly ChangedPath[] {
  const paths = new Map<string, boolean>();
  const note = (path: string, gone: boolean): void => {
    paths.set(path, gone && (paths.get(path) ?? true));
  };
  for (const change of changes) {
    if (change.kind === "renamed") {
      note(change.from, true);
      note(change.to, false);
    } else note(change.path, change.kind === "deleted");
  }
  return [...paths]
    .map(([path, gone]) => ({ path, gone }))
    .sort((a, b) => compareText(a.path, b.path));
}

/** Which dirspaces the paths touch by their own patterns. Costs the depth of each path. */
export function matchFiles(derived: Derived, paths: readonly ChangedPath[]): FileMatches {
  const matches = new Map<number, ChangedPath[]>();
  const ofGroups = new Map<RuleGroup, ChangedPath[]>();
  for (const changed of paths) {
    const found = matchPath(derived.dirspaces, derived.finder, changed.path);
    for (const position of found.positions) add(matches, position, changed);
    for (const group of found.groups) add(ofGroups, group, changed);
  }
  // What a whole rule matches is one list for all of its dirspaces: 100,000 that watch one module of
  // 3,000 changed files are not 300 million entries.
  for (const [group, shared] of ofGroups) {
    for (const position of group.positions) {
      const own = matches.get(position);
      matches.set(position, own === undefined ? shared : union(own, shared));
    }
  }
  return matches;
}

function add<K>(into: Map<K, ChangedPath[]>, key: K, changed: ChangedPath): void {
  const known = into.get(key);
  if (known === undefined) into.set(key, [changed]);
  else known.push(changed);
}

function union(a: readonly ChangedPath[], b: readonly ChangedPath[]): ChangedPath[] {
  return [...new Set([...a, ...b])].sort((x, y) => compareText(x.path, y.path));
}

export function becauseOfFiles(
  derived: DerivedDirspace,
  paths: readonly ChangedPath[],
): readonly Because[] {
  const patterns = patternsOf(derived);
  const named = paths.slice(0, BECAUSE_FILES_MAX).map(({ path }): Because => {
    const pattern = patterns.find((one) => !one.negative && patternMatches(one, path));
    return { kind: "file", path, pattern: pattern?.text ?? "" };
  });
  const more = paths.length - named.length;
  return more > 0 ? [...named, { kind: "more_files", count: more }] : named;
}
