import type { Affected, Change, ChangeSet } from "../../src/core/change/affected.ts";
import { changeSet } from "../../src/core/change/change-set.ts";
import { type Dirspace, parseDir, parseWorkspace } from "../../src/core/change/dirspace.ts";
import { completeConfig } from "../../src/core/config/complete.ts";
import type { Config } from "../../src/core/config/config.ts";
import { parseConfig } from "../../src/core/config/parse.ts";
import { matches } from "../../src/core/query/match.ts";
import { parseQuery } from "../../src/core/query/parser.ts";

export const BRANCHES = { branch: "feature", destBranch: "main" };

export function run(
  yaml: string,
  files: readonly string[],
  changes: readonly Change[],
  appliedBefore: readonly Dirspace[] = [],
): ChangeSet {
  return changeSet(configOf(yaml), { files }, changes, BRANCHES, appliedBefore);
}

export function configOf(yaml: string): Config {
  const { raw, diagnostics } = parseConfig(yaml, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics, undefined, 1));
  return completeConfig(raw);
}

export function modified(paths: readonly string[]): Change[] {
  return paths.map((path) => ({ kind: "modified", path }));
}

export function ok(set: ChangeSet): readonly Affected[] {
  if (set.kind === "error") throw new Error(set.diagnostics.map((one) => one.message).join("\n"));
  return set.dirspaces;
}

export function dirsOf(set: ChangeSet): string[] {
  return ok(set)
    .map((one): string => one.dirspace.dir)
    .sort();
}

export function pick(set: ChangeSet, text: string): string[] {
  const parsed = parseQuery(text);
  if (parsed.kind === "error") throw new Error(parsed.message);
  return ok(set)
    .filter(({ tags, dirspace: { dir } }) => matches(parsed.query, { tags: new Set(tags), dir }))
    .map((one) => one.dirspace.dir);
}

export function dirspace(text: string): Dirspace {
  const dir = parseDir(text);
  const workspace = parseWorkspace("default");
  if (dir.kind === "error" || workspace.kind === "error") throw new Error(text);
  return { dir: dir.dir, workspace: workspace.workspace };
}
