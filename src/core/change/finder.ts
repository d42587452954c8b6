import { type DerivedDirspace, patternsOf } from "./derived.ts";
import type { Directories } from "./directories.ts";
import { listMatches } from "./file-pattern.ts";
import type { Glob } from "./glob.ts";
import { GlobSet } from "./glob-set.ts";
import {
  buildPatternIndex,
  type IndexedPattern,
  lookUp,
  type PatternIndex,
} from "./pattern-index.ts";
import type { WorkspaceRule } from "./rules.ts";

/**
 * Finds the dirspaces that a path belongs to. Patterns that stay inside their directory, as nearly
 * all do, need no entry: the directory is found on the way up from the path. Those that are the same
 * in every directory are asked once for each rule that has them and not for each of its dirspaces.
 */
export interface Finder {
  readonly directories: Directories;
  /** The dirspaces of directory `n` are those from `starts[n]` up to `starts[n + 1]`. */
  readonly starts: Int32Array;
  readonly fixed: FixedPatterns;
  readonly relative: PatternIndex;
}

interface FixedPatterns {
  readonly set: GlobSet;
  /** By position in the set: who has this pattern. */
  readonly uses: readonly (readonly FixedUse[])[];
}

interface FixedUse {
  readonly group: RuleGroup;
  readonly negative: boolean;
}

/** The dirspaces of one rule. */
export interface RuleGroup {
  readonly rule: WorkspaceRule;
  /** Ascending. */
  readonly positions: readonly number[];
}

export function buildFinder(
  dirspaces: readonly DerivedDirspace[],
  directories: Directories,
): Finder {
  const starts = new Int32Array(directories.names.length + 1);
  const groups = new Map<WorkspaceRule, number[]>();
  const relative: IndexedPattern[] = [];
  let directory = 0;
  for (const [position, { dirspace, rule }] of dirspaces.entries()) {
    // Both are in the same order, which spares 100,000 lookups.
    while (directory < directories.names.length && directories.names[directory] !== dirspace.dir) {
      directory += 1;
    }
    starts[directory + 1] = (starts[directory + 1] ?? 0) + 1;
    const group = groups.get(rule);
    if (group === undefined) groups.set(rule, [position]);
    else group.push(position);
    for (const template of rule.patterns) {
      if (template.negative || template.reach !== "relative") continue;
      const found = template.instantiate(dirspace.dir, dirspace.workspace);
      if (found !== undefined) {
        relative.push({ anchor: found.anchor, tail: found.tail, target: position });
      }
    }
  }
  for (let at = 1; at < starts.length; at += 1) {
    starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  }
  const fixed = fixedPatterns([...groups].map(([rule, positions]) => ({ rule, positions })));
  return { directories, starts, fixed, relative: buildPatternIndex(relative) };
}

function fixedPatterns(groups: readonly RuleGroup[]): FixedPatterns {
  const globs: Glob[] = [];
  const uses: FixedUse[][] = [];
  const known = new Map<Glob, FixedUse[]>();
  for (const group of groups) {
    for (const template of group.rule.patterns) {
      const glob = template.fixed(group.rule.workspace);
      if (glob === undefined) continue;
      let users = known.get(glob);
      if (users === undefined) {
        users = [];
        known.set(glob, users);
        globs.push(glob);
        uses.push(users);
      }
      users.push({ group, negative: template.negative });
    }
  }
  return { set: new GlobSet(globs), uses };
}

/** The dirspaces of one directory. */
export function* positionsIn({ directories, starts }: Finder, dir: string): Generator<number> {
  const index = directories.indexOf(dir);
  if (index < 0) return;
  const end = starts[index + 1] ?? 0;
  for (let at = starts[index] ?? end; at < end; at += 1) yield at;
}

/** What matches one path. */
export interface PathMatches {
  /** Each once, in no order. */
  readonly positions: ReadonlySet<number>;
  /** All of the dirspaces of these. */
  readonly groups: readonly RuleGroup[];
}

/** Costs the depth of the path and what is found, not the size of the repository. */
export function matchPath(
  dirspaces: readonly DerivedDirspace[],
  finder: Finder,
  path: string,
): PathMatches {
  const positions = new Set<number>();
  const verify = (position: number): void => {
    const derived = dirspaces[position];
    if (derived === undefined || positions.has(position)) return;
    if (listMatches(patternsOf(derived), path)) positions.add(position);
  };
  const inDirectory = (dir: string): void => {
    for (const position of positionsIn(finder, dir)) verify(position);
  };
  inDirectory(".");
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    inDirectory(path.slice(0, end));
  }
  // A submodule or link can stand where a directory is expected.
  inDirectory(path);
  lookUp(finder.relative, path, verify);
  const groups: RuleGroup[] = [];
  for (const group of fixedGroups(finder.fixed, path)) {
    if (hasOwnExceptions(group.rule)) group.positions.forEach(verify);
    else groups.push(group);
  }
  return { positions, groups };
}

/** Those of which a fixed positive pattern matches and no fixed negative one does. */
function fixedGroups({ set, uses }: FixedPatterns, path: string): ReadonlySet<RuleGroup> {
  const found = new Set<RuleGroup>();
  const excluded = new Set<RuleGroup>();
  for (const at of set.run(path).accepts) {
    for (const { group, negative } of uses[at] ?? []) (negative ? excluded : found).add(group);
  }
  for (const group of excluded) found.delete(group);
  return found;
}

/** Some negative pattern says something else in each directory, so that each has to be asked. */
function hasOwnExceptions({ patterns }: WorkspaceRule): boolean {
  return patterns.some(({ negative, reach }) => negative && reach !== "fixed");
}
