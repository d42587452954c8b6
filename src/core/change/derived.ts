import type { Config } from "../config/config.ts";
import type { Branches, ChangeDiagnostic, Tree } from "./affected.ts";
import type { Directories } from "./directories.ts";
import type { Dirspace } from "./dirspace.ts";
import type { FilePattern } from "./file-pattern.ts";
import { buildPatternIndex, type IndexedPattern, type PatternIndex } from "./pattern-index.ts";
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
  /** The positive patterns. */
  readonly index: PatternIndex;
  readonly diagnostics: readonly ChangeDiagnostic[];
}

export interface DerivedDirspace {
  readonly dirspace: Dirspace;
  readonly rule: WorkspaceRule;
  readonly patterns: readonly FilePattern[];
}

/** The positive patterns of the dirspaces, each under its position. */
export function indexOf(
  dirspaces: readonly DerivedDirspace[],
  positions: Iterable<number> = dirspaces.keys(),
): PatternIndex {
  return buildPatternIndex(positivePatterns(dirspaces, positions));
}

function* positivePatterns(
  dirspaces: readonly DerivedDirspace[],
  positions: Iterable<number>,
): Generator<IndexedPattern> {
  for (const target of positions) {
    for (const pattern of dirspaces[target]?.patterns ?? []) {
      if (!pattern.negative) yield { anchor: pattern.anchor, tail: pattern.tail, target };
    }
  }
}
