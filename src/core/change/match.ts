import type { Because, Change } from "./affected.ts";
import { type Derived, type DerivedDirspace, matchingDirspaces, patternsOf } from "./derived.ts";
import { compareText } from "./dirspace.ts";
import { patternMatches } from "./file-pattern.ts";

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
  for (const changed of paths) {
    const found = matchingDirspaces(derived.dirspaces, derived.finder, changed.path);
    for (const position of found) {
      const known = matches.get(position);
      if (known === undefined) matches.set(position, [changed]);
      else known.push(changed);
    }
  }
  return matches;
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
