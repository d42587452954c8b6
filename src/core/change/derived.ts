import type { Config } from "../config/config.ts";
import type { QueryIndex } from "../query/query-index.ts";
import type { Branches, ChangeDiagnostic, Tree } from "./affected.ts";
import type { Code } from "./code.ts";
import type { Directories } from "./directories.ts";
import { compareDirspaces, type Dirspace } from "./dirspace.ts";
import type { FilePattern } from "./file-pattern.ts";
import type { Finder } from "./finder.ts";
import type { WorkspaceRule } from "./rules.ts";
import type { Twins } from "./twins.ts";

/** A configuration applied to a tree: every dirspace that there is, ready to be matched. */
export interface Derived {
  readonly config: Config;
  /** With what its links lead to. */
  readonly tree: Tree;
  /** What the code refers to; absent where that does not count. */
  readonly code: Code | undefined;
  readonly directories: Directories;
  readonly branches: Branches;
  /** The `branch:` and `dest_branch:` tags, which all dirspaces have. */
  readonly branchTags: readonly string[];
  /** Sorted by `compareDirspaces`; everything else refers to them by position. */
  readonly dirspaces: readonly DerivedDirspace[];
  readonly finder: Finder;
  /** Directories of dirspaces that some machines do not tell apart, each with its group. */
  readonly twins: ReadonlyMap<string, Twins>;
  /** The queries of `config.workflows`. */
  readonly workflows: QueryIndex;
  readonly diagnostics: readonly ChangeDiagnostic[];
}

export interface DerivedDirspace {
  readonly dirspace: Dirspace;
  readonly rule: WorkspaceRule;
}

export function patternsOf({ dirspace, rule }: DerivedDirspace): readonly FilePattern[] {
  const { dir, workspace } = dirspace;
  return rule.patterns.flatMap((template) => template.instantiate(dir, workspace) ?? []);
}

/** Where a dirspace stands in the sorted list; `undefined` where it is none of them. */
export function positionOf(
  dirspaces: readonly DerivedDirspace[],
  wanted: Dirspace,
): number | undefined {
  let from = 0;
  let to = dirspaces.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const found = dirspaces[middle];
    const order = found === undefined ? 0 : compareDirspaces(found.dirspace, wanted);
    if (order === 0) return middle;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return undefined;
}
