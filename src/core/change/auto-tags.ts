import type { Config } from "../config/config.ts";
import { parsePattern, patternFinds } from "../config/pattern.ts";
import type { Branches } from "./affected.ts";
import { compareText, type Dirspace } from "./dirspace.ts";
import type { WorkspaceRule } from "./rules.ts";

/** `branch:` and `dest_branch:`, at most one of each. */
export function branchTags(config: Config, branches: Branches): readonly string[] {
  return [
    ...firstFound("branch", config.tags.branch, branches.branch),
    ...firstFound("dest_branch", config.tags.destBranch, branches.destBranch),
  ];
}

/** `shared` are those that many dirspaces have in common: of the branches, and of a stack. */
export function dirspaceTags(
  { dir, workspace }: Dirspace,
  rule: WorkspaceRule,
  shared: readonly string[],
): ReadonlySet<string> {
  return new Set([`dir:${dir}`, `${rule.tagKey}:${workspace}`, ...shared, ...rule.tags]);
}

/** The alphabetically first tag whose pattern is found in the name of the branch. */
function firstFound(
  kind: string,
  patterns: Readonly<Record<string, string>>,
  branch: string,
): readonly string[] {
  const found = Object.entries(patterns)
    .sort(([a], [b]) => compareText(a, b))
    .find(([, text]) => {
      const parsed = parsePattern(text);
      return parsed.kind === "ok" && patternFinds(parsed.pattern, branch);
    });
  return found === undefined ? [] : [`${kind}:${found[0]}`];
}
