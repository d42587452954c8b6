import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { identityRules } from "./ci/identity.ts";
import { jobRules } from "./ci/jobs.ts";
import type { CiRule } from "./ci/rule.ts";
import type { CiHarness } from "./ci-harness.ts";

const RULES: readonly CiRule[] = [...jobRules, ...identityRules];

/** What every CI adapter must do. Skips name the fact about the CI system that forces them. */
export function describeCi(
  name: string,
  makeHarness: () => Promise<CiHarness>,
  options: {
    readonly skip: readonly { readonly reason: string; readonly tests: readonly string[] }[];
  },
): void {
  const skipped = new Map(
    options.skip.flatMap(({ reason, tests }) => tests.map((each) => [each, reason] as const)),
  );

  describe(`CI: ${name}`, () => {
    let harness: CiHarness | undefined;

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
      await rule.check(present(harness, "the harness was not made"));
    });
  });
}
