import type { Tree } from "./affected.ts";
import { type DerivedDirspace, patternsOf } from "./derived.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { listMatches, type PatternTemplate } from "./file-pattern.ts";
import { type Finder, matchPath } from "./finder.ts";
import type { WorkspaceRule } from "./rules.ts";

/** Of the dirspaces at `positions`, those that no file of the tree matches. */
export function withoutFiles(
  dirspaces: readonly DerivedDirspace[],
  positions: readonly number[],
  tree: Tree,
  finder: Finder,
): ReadonlySet<number> {
  const empty = new Set<number>();
  /** Those whose patterns also look elsewhere. */
  const open = new Set<number>();
  const holdsName = rememberNames();
  for (const position of positions) {
    const derived = dirspaces[position];
    if (derived === undefined) continue;
    const { dirspace, rule } = derived;
    const own = finder.directories.filesOf(dirspace.dir);
    const start = dirspace.dir === ROOT_DIR ? 0 : dirspace.dir.length + 1;
    // Nearly always a file of the directory itself decides; the whole tree is read only once.
    const live = exceptionsStayInside(rule)
      ? own.some((file) => holdsName(rule, file.slice(start)))
      : own.some((file) => listMatches(patternsOf(derived), file));
    if (live) continue;
    empty.add(position);
    if (rule.patterns.some(({ negative, reach }) => !negative && reach !== "own")) {
      open.add(position);
    }
  }
  const settle = (position: number): void => {
    empty.delete(position);
    open.delete(position);
  };
  for (const file of tree.files) {
    if (open.size === 0) break;
    const found = matchPath(dirspaces, finder, file);
    found.positions.forEach(settle);
    for (const group of found.groups) group.positions.forEach(settle);
  }
  return empty;
}

/** Then a name that is matched from inside is matched, whatever the patterns say that look elsewhere. */
function exceptionsStayInside({ patterns }: WorkspaceRule): boolean {
  return patterns.every((template) => !template.negative || staysInside(template));
}

/** Of a file of the directory itself only the name counts then, and there are few names. */
export function staysInside({ reach }: PatternTemplate): boolean {
  return reach === "own" || reach === "inside";
}

function rememberNames(): (rule: WorkspaceRule, name: string) => boolean {
  const known = new Map<WorkspaceRule, Map<string, boolean>>();
  return (rule, name) => {
    let names = known.get(rule);
    if (names === undefined) {
      names = new Map();
      known.set(rule, names);
    }
    let verdict = names.get(name);
    if (verdict === undefined) {
      const patterns = rule.patterns
        .filter(staysInside)
        .flatMap((template) => template.instantiate(ROOT_DIR, rule.workspace) ?? []);
      verdict = listMatches(patterns, name);
      names.set(name, verdict);
    }
    return verdict;
  };
}
