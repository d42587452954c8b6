import type { Config } from "../config/config.ts";
import type { Branches, ChangeDiagnostic, Tree } from "./affected.ts";
import type { Directories } from "./directories.ts";
import { type Dirspace, ROOT_DIR } from "./dirspace.ts";
import { type FilePattern, listMatches } from "./file-pattern.ts";
import {
  buildPatternIndex,
  type IndexedPattern,
  lookUp,
  type PatternIndex,
} from "./pattern-index.ts";
import type { WorkspaceRule } from "./rules.ts";

/** A configuration applied to a tree: every dirspace that there is, ready to be matched. */
export interface Derived {
  readonly config: Config;
  readonly tree: Tree;
  readonly directories: Directories;
  readonly branches: Branches;
  /** The `branch:` and `dest_branch:` tags, which all dirspaces have. */
  readonly branchTags: readonly string[];
  /** Sorted by `compareDirspaces`; everything else refers to them by position. */
  readonly dirspaces: readonly DerivedDirspace[];
  readonly finder: Finder;
  readonly diagnostics: readonly ChangeDiagnostic[];
}

export interface DerivedDirspace {
  readonly dirspace: Dirspace;
  readonly rule: WorkspaceRule;
}

/**
 * Finds the dirspaces that a path may belong to. Patterns that stay inside their directory, as
 * nearly all do, need no entry of their own: the directory is found on the way up from the path.
 */
export interface Finder {
  readonly inside: ReadonlyMap<string, readonly number[]>;
  readonly elsewhere: PatternIndex;
}

/** For some or all of the dirspaces, by position. */
export function buildFinder(
  dirspaces: readonly DerivedDirspace[],
  positions: Iterable<number> = dirspaces.keys(),
): Finder {
  const inside = new Map<string, number[]>();
  const elsewhere: IndexedPattern[] = [];
  for (const position of positions) {
    const derived = dirspaces[position];
    if (derived === undefined) continue;
    if (!derived.rule.inside) {
      for (const { negative, anchor, tail } of patternsOf(derived)) {
        if (!negative) elsewhere.push({ anchor, tail, target: position });
      }
      continue;
    }
    const { dir } = derived.dirspace;
    const path = dir === ROOT_DIR ? "" : dir;
    const known = inside.get(path);
    if (known === undefined) inside.set(path, [position]);
    else known.push(position);
  }
  return { inside, elsewhere: buildPatternIndex(elsewhere) };
}

/** The positions whose patterns match the path, each once. Costs the depth of the path. */
export function matchingDirspaces(
  dirspaces: readonly DerivedDirspace[],
  finder: Finder,
  path: string,
): ReadonlySet<number> {
  const found = new Set<number>();
  const note = (position: number): void => {
    found.add(position);
  };
  const { inside } = finder;
  inside.get("")?.forEach(note);
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    inside.get(path.slice(0, end))?.forEach(note);
  }
  // A submodule or link can stand where a directory is expected.
  inside.get(path)?.forEach(note);
  lookUp(finder.elsewhere, path, note);
  for (const position of found) {
    const derived = dirspaces[position];
    if (derived === undefined || !listMatches(patternsOf(derived), path)) found.delete(position);
  }
  return found;
}

export function patternsOf({ dirspace, rule }: DerivedDirspace): readonly FilePattern[] {
  const { dir, workspace } = dirspace;
  return rule.patterns.flatMap((template) => template.instantiate(dir, workspace) ?? []);
}
