import type { Finding } from "../config/finding.ts";
import type { Derived } from "./derived.ts";
import { uncovered } from "./uncovered.ts";
import { unusedKeys } from "./unused-keys.ts";
import { unusedPatterns } from "./unused-patterns.ts";
import { unusedQueries } from "./unused-queries.ts";

/**
 * What the configuration says about things that the repository does not have. Only what can never
 * match is named: what depends on the pull request, such as `branch:` tags, may.
 */
export function findUnused(derived: Derived): readonly Finding[] {
  return [
    ...unusedKeys(derived),
    ...unusedPatterns(derived),
    ...unusedQueries(derived),
    ...uncovered(derived),
  ];
}
