import type { Config } from "../config/config.ts";
import type { Branches, ChangeDiagnostic, Tree } from "./affected.ts";
import { branchTags } from "./auto-tags.ts";
import { type Derived, type DerivedDirspace, indexOf } from "./derived.ts";
import { matchDirKeys, readDirKeys } from "./dir-keys.ts";
import { directoriesOf } from "./directories.ts";
import { compareText, DEFAULT_WORKSPACE, type Dir, parseDir } from "./dirspace.ts";
import {
  type FilePattern,
  isDirRelative,
  listMatches,
  type PatternTemplate,
  patternCompiler,
} from "./file-pattern.ts";
import { withoutFiles } from "./live-files.ts";
import { buildRules, type DirRule, type Rules } from "./rules.ts";

/** Directories that no dirspace can be made of are named up to this many. */
const UNUSABLE_NAMED_MAX = 10;

/** Applies a configuration to a tree. */
export function derive(config: Config, tree: Tree, branches: Branches): Derived {
  const directories = directoriesOf(tree);
  const rules = buildRules(config);
  const keys = readDirKeys(config, directories);
  const { matches, diagnostics } = matchDirKeys(keys, directories);
  const isCandidate = candidateTest(rules);
  const dirspaces: DerivedDirspace[] = [];
  /** Positions of those that count only when a file of the tree matches them. */
  const doubtful: number[] = [];
  const unusable: string[] = [];
  for (const text of [...directories.keys()].sort(compareText)) {
    const key = matches.get(text);
    const parsed = parseDir(text);
    if (parsed.kind === "error") {
      unusable.push(`${JSON.stringify(text)}: ${parsed.message}`);
      continue;
    }
    if (key === undefined && !isCandidate(parsed.dir, directories.get(text) ?? [])) continue;
    const rule = key === undefined ? rules.otherwise : rules.byKey[key.index];
    for (const derived of instantiate(parsed.dir, rule)) {
      if (key?.explicit === false) doubtful.push(dirspaces.length);
      dirspaces.push(derived);
    }
  }
  // A glob on names also takes directories of documents; without a matching file they are none.
  const empty = withoutFiles(dirspaces, doubtful, tree, directories);
  const kept = empty.size === 0 ? dirspaces : dirspaces.filter((_, at) => !empty.has(at));
  return {
    config,
    tree,
    directories,
    branches,
    branchTags: branchTags(config, branches),
    dirspaces: kept,
    index: indexOf(kept),
    diagnostics: [...keys.diagnostics, ...diagnostics, ...unusableDirectories(unusable)],
  };
}

function instantiate(dir: Dir, rule: DirRule | undefined): DerivedDirspace[] {
  return (rule?.workspaces ?? []).map((workspaceRule) => {
    const { workspace, patterns } = workspaceRule;
    return {
      dirspace: { dir, workspace },
      rule: workspaceRule,
      patterns: patternsFor(patterns, dir, workspace),
    };
  });
}

function patternsFor(
  templates: readonly PatternTemplate[],
  ...[dir, workspace]: Parameters<PatternTemplate>
): readonly FilePattern[] {
  return templates.flatMap((template) => template(dir, workspace) ?? []);
}

/**
 * Which directories are dirspaces without being named: those that directly hold a file that the
 * global patterns match; all of them as soon as one positive pattern does not follow its directory.
 */
function candidateTest(rules: Rules): (dir: Dir, files: readonly string[]) => boolean {
  const positive = rules.globalPatterns.filter((pattern) => !pattern.startsWith("!"));
  if (positive.length === 0) return () => false;
  if (!positive.every(isDirRelative)) return () => true;
  const templates = rules.globalPatterns.map(patternCompiler());
  return (dir, files) => {
    const patterns = patternsFor(templates, dir, DEFAULT_WORKSPACE);
    return files.some((file) => listMatches(patterns, file));
  };
}

function unusableDirectories(messages: readonly string[]): readonly ChangeDiagnostic[] {
  return messages.slice(0, UNUSABLE_NAMED_MAX).map((message) => ({
    severity: "warning",
    code: "unusable_directory",
    message: `A directory is left out because of its name. ${message}.`,
  }));
}
