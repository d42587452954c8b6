import type { Config } from "../config/config.ts";
import { buildQueryIndex } from "../query/query-index.ts";
import type { Branches, ChangeDiagnostic, Tree } from "./affected.ts";
import { branchTags } from "./auto-tags.ts";
import { codeDiagnostics, isModule, readCode } from "./code.ts";
import type { Derived, DerivedDirspace } from "./derived.ts";
import { matchDirKeys, NO_KEY, readDirKeys } from "./dir-keys.ts";
import { directoriesOf } from "./directories.ts";
import { DEFAULT_WORKSPACE, type Dir, parseDir, ROOT_DIR } from "./dirspace.ts";
import { isDirRelative, listMatches, patternCompiler } from "./file-pattern.ts";
import { buildFinder } from "./finder.ts";
import { staysInside, withoutFiles } from "./live-files.ts";
import { buildRules, type DirRule, type Rules } from "./rules.ts";
import { twinsOf, twinWarnings } from "./twins.ts";

/** Directories that no dirspace can be made of are named up to this many. */
const UNUSABLE_NAMED_MAX = 10;

/** Applies a configuration to a tree. */
export function derive(config: Config, written: Tree, branches: Branches): Derived {
  const code = readCode(config, written);
  const tree = code?.tree ?? written;
  const directories = directoriesOf(tree);
  const rules = buildRules(config);
  const keys = readDirKeys(config, directories);
  const { keyOf, diagnostics } = matchDirKeys(keys, directories);
  const isCandidate = candidateTest(rules);
  const dirspaces: DerivedDirspace[] = [];
  /** Positions of those that count only when a file of the tree matches them. */
  const doubtful: number[] = [];
  const unusable: string[] = [];
  /** Modules that a key names as if they were planned. */
  const modules: string[] = [];
  for (const [at, text] of directories.names.entries()) {
    const key = keyOf[at] ?? NO_KEY;
    if (code !== undefined && isModule(code, text)) {
      if (keys.explicit.has(text)) modules.push(text);
      continue;
    }
    const parsed = parseDir(text);
    if (parsed.kind === "error") {
      unusable.push(`${JSON.stringify(text)}: ${parsed.message}`);
      continue;
    }
    if (key === NO_KEY && !isCandidate(parsed.dir, () => directories.filesAt(at))) continue;
    const rule = key === NO_KEY ? rules.otherwise : rules.byKey[key];
    const named = key === NO_KEY || keys.explicit.has(text);
    for (const derived of instantiate(parsed.dir, rule)) {
      if (!named) doubtful.push(dirspaces.length);
      dirspaces.push(derived);
    }
  }
  // A glob on names also takes directories of documents; without a matching file they are none.
  const finder = buildFinder(dirspaces, directories);
  const empty = withoutFiles(dirspaces, doubtful, tree, finder);
  const live = empty.size === 0 ? dirspaces : dirspaces.filter((_, at) => !empty.has(at));
  const twins = twinsOf(live.map(({ dirspace }) => dirspace.dir));
  return {
    config,
    tree,
    code,
    directories,
    branches,
    branchTags: branchTags(config, branches),
    dirspaces: live,
    finder: live === dirspaces ? finder : buildFinder(live, directories),
    twins,
    workflows: buildQueryIndex(config.workflows.map(({ tagQuery }) => tagQuery)),
    diagnostics: [
      ...keys.diagnostics,
      ...diagnostics,
      ...unusableDirectories(unusable),
      ...twinWarnings(twins),
      ...(code === undefined ? [] : codeDiagnostics(code, modules)),
    ],
  };
}

function instantiate(dir: Dir, rule: DirRule | undefined): DerivedDirspace[] {
  return (rule?.workspaces ?? []).map((workspaceRule) => ({
    dirspace: { dir, workspace: workspaceRule.workspace },
    rule: workspaceRule,
  }));
}

/**
 * Which directories are dirspaces without being named: those that directly hold a file that the
 * global patterns match; all of them as soon as one positive pattern does not follow its directory.
 */
function candidateTest(rules: Rules): (dir: Dir, files: () => readonly string[]) => boolean {
  const positive = rules.globalPatterns.filter((pattern) => !pattern.startsWith("!"));
  if (positive.length === 0) return () => false;
  if (!positive.every(isDirRelative)) return () => true;
  const templates = rules.globalPatterns.map(patternCompiler());
  const holds = (dir: Dir, file: string): boolean => {
    const patterns = templates.flatMap((one) => one.instantiate(dir, DEFAULT_WORKSPACE) ?? []);
    return listMatches(patterns, file);
  };
  if (!templates.every(staysInside)) {
    return (dir, files) => files().some((file) => holds(dir, file));
  }
  // Seen from its own directory only the name of a file counts, and there are few names.
  const known = new Map<string, boolean>();
  const holdsName = (name: string): boolean => {
    const verdict = known.get(name) ?? holds(ROOT_DIR, name);
    known.set(name, verdict);
    return verdict;
  };
  return (dir, files) => {
    const start = dir === ROOT_DIR ? 0 : dir.length + 1;
    return files().some((file) => holdsName(file.slice(start)));
  };
}

function unusableDirectories(messages: readonly string[]): readonly ChangeDiagnostic[] {
  return messages.slice(0, UNUSABLE_NAMED_MAX).map((message) => ({
    severity: "warning",
    code: "unusable_directory",
    message: `A directory is left out because of its name. ${message}.`,
  }));
}
