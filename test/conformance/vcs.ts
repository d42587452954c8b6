import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { accessRules } from "./vcs/access.ts";
import { eventRules } from "./vcs/events.ts";
import { issueRules } from "./vcs/issues.ts";
import { mergeRules } from "./vcs/merging.ts";
import { proposalRules } from "./vcs/proposals.ts";
import { pullRequestRules } from "./vcs/pull-requests.ts";
import { readingRules } from "./vcs/reading.ts";
import { reviewRules } from "./vcs/reviews.ts";
import type { VcsRule } from "./vcs/rule.ts";
import { siblingRules } from "./vcs/siblings.ts";
import { writingRules } from "./vcs/writing.ts";
import type { VcsHarness } from "./vcs-harness.ts";

export interface VcsSkip {
  /** Why this VCS cannot do it; a fact about the VCS, not about our adapter. */
  readonly reason: string;
  readonly tests: readonly string[];
}

const RULES: readonly VcsRule[] = [
  ...pullRequestRules,
  ...reviewRules,
  ...accessRules,
  ...readingRules,
  ...siblingRules,
  ...writingRules,
  ...issueRules,
  ...proposalRules,
  ...mergeRules,
  ...eventRules,
];

/** What every VCS adapter must do, whatever stands behind it. Each rule gets a repository of its own. */
export function describeVcs(
  name: string,
  makeHarness: () => Promise<VcsHarness>,
  options: { readonly skip: readonly VcsSkip[] },
): void {
  const skipped = new Map(
    options.skip.flatMap(({ reason, tests }) => tests.map((each) => [each, reason] as const)),
  );

  describe(`VCS: ${name}`, () => {
    let harness: VcsHarness | undefined;

    beforeAll(async () => {
      harness = await makeHarness();
    });

    afterAll(async () => {
      await harness?.close();
    });

    test("each declared skip names a rule of this suite", () => {
      const names = new Set(RULES.map((rule) => rule.name));
      expect([...skipped.keys()].filter((each) => !names.has(each))).toEqual([]);
    });

    test.for(RULES.map((rule) => [rule.name, rule] as const))("%s", async ([, rule], context) => {
      const reason = skipped.get(rule.name);
      if (reason !== undefined) context.skip(reason);
      const made = present(harness, "the harness was not made");
      await rule.check({ harness: made, vcs: made.vcs });
    });
  });
}
