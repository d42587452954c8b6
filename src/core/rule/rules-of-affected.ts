import type { Affected, AffectedRules } from "../change/affected.ts";
import { type Derived, patternsOf, positionOf } from "../change/derived.ts";
import type { WorkspaceRule } from "../change/rules.ts";
import type { Path } from "../config/places.ts";
import type { RuleBook } from "./rule-book.ts";
import { placeOf, type RulePlace } from "./rule-place.ts";

/** The dirspace with the places of the rules that made it what it is. Only what somebody wrote has one. */
export function withRules(affected: Affected, derived: Derived, book: RuleBook): Affected {
  const position = positionOf(derived.dirspaces, affected.dirspace);
  const entry = position === undefined ? undefined : derived.dirspaces[position];
  const rules: Record<string, RulePlace> = {};
  for (const [about, path] of Object.entries(pathsOf(affected, entry?.rule, matched()))) {
    if (path === undefined) continue;
    const place = placeOf(book.origins, path);
    if (place.file !== undefined) rules[about] = place;
  }
  return Object.keys(rules).length === 0 ? affected : { ...affected, rules };

  /** Which pattern of the list took the first of the changed files. */
  function matched(): number | undefined {
    const first = affected.because.find((one) => one.kind === "file");
    if (entry === undefined || first === undefined) return undefined;
    const at = patternsOf(entry).findIndex(({ text }) => text === first.pattern);
    return at === -1 ? undefined : at;
  }
}

type Paths = { readonly [K in keyof AffectedRules]-?: Path | undefined };

function pathsOf(
  affected: Affected,
  rule: WorkspaceRule | undefined,
  pattern: number | undefined,
): Paths {
  const { workflow, stack, autoplan, autoplanDraft, autoapply } = affected;
  const entry = workflow.index === undefined ? undefined : ["workflows", workflow.index];
  const patterns = rule?.writtenAt.filePatterns;
  return {
    dir: rule?.dirAt,
    pattern: patterns === undefined || pattern === undefined ? patterns : [...patterns, pattern],
    autoplan: autoplan ? undefined : rule?.writtenAt.autoplan,
    autoplanDraft: autoplanDraft ? undefined : rule?.writtenAt.autoplanDraftPr,
    autoapply: autoapply ? rule?.writtenAt.autoapply : undefined,
    dependsOn: affected.predecessors.length === 0 ? undefined : rule?.writtenAt.dependsOn,
    workflow: entry === undefined ? undefined : [...entry, "tag_query"],
    lockPolicy:
      entry === undefined || workflow.lockPolicy === "strict"
        ? undefined
        : [...entry, "lock_policy"],
    stack: ["stacks", "names", stack.name],
  };
}
