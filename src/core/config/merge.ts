import type { Traced, TracedMap } from "./traced.ts";

/** What guards applies, unless the default branch names other keys. */
export const DEFAULT_BRANCH_OVERRIDES: readonly string[] = [
  "access_control",
  "apply_requirements",
  "destination_branches",
];

/**
 * The configuration of a pull request: its own, except for the keys that must come from the default
 * branch (S16). A key that the default branch does not set falls back to its default even where the
 * pull request sets it; `default_branch_overrides` itself is always taken, so that no pull request
 * can shorten the list.
 */
export function mergeForBranch(defaultBranch: TracedMap, head: TracedMap): TracedMap {
  const entries = new Map(head.entries);
  for (const key of [...guardedKeys(defaultBranch), "default_branch_overrides"]) {
    const trusted = defaultBranch.entries.get(currentName(key));
    if (trusted === undefined) entries.delete(currentName(key));
    else entries.set(currentName(key), trusted);
  }
  return { ...head, entries };
}

function guardedKeys(defaultBranch: TracedMap): readonly string[] {
  const listed: Traced | undefined = defaultBranch.entries.get("default_branch_overrides");
  if (listed?.kind !== "list") return DEFAULT_BRANCH_OVERRIDES;
  return listed.items.flatMap((item) => (item.kind === "scalar" ? [String(item.value)] : []));
}

/** `default_tf_version` has become `engine` when the file was parsed. */
function currentName(key: string): string {
  return key === "default_tf_version" ? "engine" : key;
}
