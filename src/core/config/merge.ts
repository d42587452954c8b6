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

export function guardedKeys(defaultBranch: TracedMap): readonly string[] {
  const listed: Traced | undefined = defaultBranch.entries.get("default_branch_overrides");
  if (listed?.kind !== "list") return DEFAULT_BRANCH_OVERRIDES;
  return listed.items.flatMap((item) => (item.kind === "scalar" ? [String(item.value)] : []));
}

/** Decided before the builder runs, or about it. */
const BEFORE_BUILDING: readonly string[] = [
  "default_branch_overrides",
  "enabled",
  "config_builder",
  "tree_builder",
];

/**
 * What the config builder may say: it runs the code of a change, so it says nothing of what guards applies and
 * nothing of itself. A script that hands its input on says all of that too, and means nothing by it.
 */
export function withoutGuards(built: TracedMap, files: TracedMap): TracedMap {
  const dropped = new Set(
    [...DEFAULT_BRANCH_OVERRIDES, ...guardedKeys(files), ...BEFORE_BUILDING].map(currentName),
  );
  return {
    ...built,
    entries: new Map([...built.entries].filter(([key]) => !dropped.has(key))),
  };
}

/** `default_tf_version` has become `engine` when the file was parsed. */
function currentName(key: string): string {
  return key === "default_tf_version" ? "engine" : key;
}
