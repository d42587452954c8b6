import type { RawConfig } from "./raw.ts";

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
export function mergeForBranch(
  defaultBranch: RawConfig | undefined,
  head: RawConfig | undefined,
): RawConfig {
  const trusted: Readonly<Record<string, unknown>> = { ...defaultBranch };
  const merged: Record<string, unknown> = { ...head };
  const listed = defaultBranch?.default_branch_overrides ?? DEFAULT_BRANCH_OVERRIDES;
  for (const key of [...listed, "default_branch_overrides"].map(currentName)) {
    if (trusted[key] === undefined) delete merged[key];
    else merged[key] = trusted[key];
  }
  return merged;
}

/** `default_tf_version` has become `engine` when the file was parsed. */
function currentName(key: string): string {
  return key === "default_tf_version" ? "engine" : key;
}
