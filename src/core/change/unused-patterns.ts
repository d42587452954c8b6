import type { Finding } from "../config/finding.ts";
import type { Path } from "../config/places.ts";
import type { Derived } from "./derived.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { type PatternTemplate, patternMatches } from "./file-pattern.ts";
import type { Glob } from "./glob.ts";
import { GlobSet } from "./glob-set.ts";
import { buildPatternIndex, type IndexedPattern, lookUp } from "./pattern-index.ts";
import type { WorkspaceRule } from "./rules.ts";

/** Lists of patterns as they are mostly written, also where a repository has no such file yet. */
const CUSTOMARY =
  /^(?:\*\*\/|\$\{DIR\}\/)?\*\.(?:tf|tfvars|tf\.json|tfvars\.json|tofu|hcl|json|ya?ml)$/;

/** One written list of patterns and the rules that live by it. */
interface List {
  readonly path: Path;
  readonly patterns: readonly string[];
  readonly rules: Set<WorkspaceRule>;
}

/** A positive pattern for which no file was found yet. */
interface Open {
  readonly list: List;
  readonly index: number;
  readonly text: string;
}

/** Positive file patterns that match no file for any dirspace that they apply to. */
export function unusedPatterns(derived: Derived): readonly Finding[] {
  const lists = writtenLists(derived);
  const open = new Set<Open>();
  const byRule = new Map<WorkspaceRule, Map<PatternTemplate, Open>>();
  for (const list of lists) {
    const known = new Map<number, Open>();
    for (const rule of list.rules) {
      const templates = new Map<PatternTemplate, Open>();
      for (const [index, template] of rule.patterns.entries()) {
        if (template.negative || CUSTOMARY.test(template.text)) continue;
        const one = known.get(index) ?? { list, index, text: template.text };
        known.set(index, one);
        open.add(one);
        templates.set(template, one);
      }
      byRule.set(rule, templates);
    }
  }
  settleOwn(derived, byRule, open);
  settleFixed(derived, byRule, open);
  settleElsewhere(derived, byRule, open);
  const unmatched = [...open].map(({ list, index, text }) => {
    const message = `no file of this repository matches \`${text}\` for any directory that it applies to`;
    return neverMatches([...list.path, "file_patterns", index], message);
  });
  return [...uselessLists(lists), ...unmatched];
}

/** Lists that match nothing whatever the repository holds, where they are not there to hide something. */
function uselessLists(lists: readonly List[]): readonly Finding[] {
  const findings = lists.flatMap(({ path, patterns }): Finding[] => {
    if (patterns.length === 0 || patterns.some((pattern) => !pattern.startsWith("!"))) return [];
    const message =
      "this list has only exceptions, so no file ever matches it and nothing is planned by it; add a " +
      "pattern without `!`, such as `${DIR}/*.tf`";
    return [neverMatches([...path, "file_patterns"], message)];
  });
  const nothing = lists.every(({ patterns }) => patterns.length === 0);
  if (!nothing) return findings;
  const message =
    "this list is empty and no entry of `dirs` has a list of its own, so nothing is ever planned; " +
    "leave it out, or give the directories that count their own `file_patterns`";
  return [...findings, neverMatches(["when_modified", "file_patterns"], message)];
}

function neverMatches(path: Path, message: string): Finding {
  return { severity: "warning", code: "never_matches", message, path };
}

/** Lists are told apart by identity: a rule shares the list that it inherits. */
function writtenLists({ config, dirspaces }: Derived): readonly List[] {
  const lists = new Map<readonly string[], List>();
  for (const dir of config.dirs) {
    const own = dir.whenModified.filePatterns;
    const path: Path = ["dirs", dir.key, "when_modified"];
    if (own !== undefined) lists.set(own, { path, patterns: own, rules: new Set() });
    for (const workspace of dir.workspaces) {
      const inner = workspace.whenModified.filePatterns;
      const kind = workspace.tagKey === "stack" ? "stacks" : "workspaces";
      const at: Path = ["dirs", dir.key, kind, workspace.name, "when_modified"];
      if (inner !== undefined) lists.set(inner, { path: at, patterns: inner, rules: new Set() });
    }
  }
  const patterns = config.whenModified.filePatterns;
  const global: List = { path: ["when_modified"], patterns, rules: new Set() };
  for (const rule of new Set(dirspaces.map((one) => one.rule))) {
    (lists.get(rule.whenModified.filePatterns) ?? global).rules.add(rule);
  }
  return [...lists.values(), global];
}

type ByRule = ReadonlyMap<WorkspaceRule, ReadonlyMap<PatternTemplate, Open>>;

/** Nearly always a file of the directory itself matches. */
function settleOwn({ dirspaces, directories }: Derived, byRule: ByRule, open: Set<Open>): void {
  const verdicts = new Map<PatternTemplate, Map<string, boolean>>();
  for (const { dirspace, rule } of dirspaces) {
    let names: readonly string[] | undefined;
    for (const [template, one] of byRule.get(rule) ?? []) {
      if (!open.has(one) || template.reach === "fixed" || template.reach === "relative") continue;
      const start = dirspace.dir === ROOT_DIR ? 0 : dirspace.dir.length + 1;
      names ??= directories.filesOf(dirspace.dir).map((path) => path.slice(start));
      const known = verdicts.get(template) ?? new Map<string, boolean>();
      verdicts.set(template, known);
      const found = names.some((name) => {
        // From its own directory only the name counts, so each name is looked at once.
        const verdict = known.get(name) ?? matchesName(template, rule, name);
        known.set(name, verdict);
        return verdict;
      });
      if (found) open.delete(one);
    }
  }
}

function matchesName(template: PatternTemplate, rule: WorkspaceRule, name: string): boolean {
  const pattern = template.instantiate(ROOT_DIR, rule.workspace);
  return pattern !== undefined && patternMatches(pattern, name);
}

/** Patterns that are the same everywhere are all looked for in one pass over the tree. */
function settleFixed({ tree }: Derived, byRule: ByRule, open: Set<Open>): void {
  const globs: Glob[] = [];
  const uses: Open[] = [];
  for (const [rule, templates] of byRule) {
    for (const [template, one] of templates) {
      const glob = open.has(one) ? template.fixed(rule.workspace) : undefined;
      if (glob === undefined) continue;
      globs.push(glob);
      uses.push(one);
    }
  }
  const set = new GlobSet(globs);
  const wanted = new Set(uses);
  for (const file of tree.files) {
    if (wanted.size === 0) return;
    for (const at of set.run(file).accepts) {
      const one = uses[at];
      if (one === undefined) continue;
      open.delete(one);
      wanted.delete(one);
    }
  }
  // What is too costly to know is not said.
  if (set.exhausted) for (const one of wanted) open.delete(one);
}

/** The rest looks below the directory or beside it, each from where it is. */
function settleElsewhere({ dirspaces, tree }: Derived, byRule: ByRule, open: Set<Open>): void {
  const patterns: IndexedPattern[] = [];
  const targets: Open[] = [];
  const positions = new Map<Open, number>();
  for (const { dirspace, rule } of dirspaces) {
    for (const [template, one] of byRule.get(rule) ?? []) {
      if (!open.has(one) || template.reach === "own" || template.reach === "fixed") continue;
      const found = template.instantiate(dirspace.dir, dirspace.workspace);
      if (found === undefined) continue;
      const target = positions.get(one) ?? targets.push(one) - 1;
      positions.set(one, target);
      patterns.push({ anchor: found.anchor, tail: found.tail, target });
    }
  }
  const index = buildPatternIndex(patterns);
  const wanted = new Set(targets);
  for (const file of tree.files) {
    if (wanted.size === 0) return;
    lookUp(index, file, (target) => {
      const one = targets[target];
      if (one === undefined) return;
      open.delete(one);
      wanted.delete(one);
    });
  }
}
