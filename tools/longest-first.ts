import { existsSync } from "node:fs";
import { join } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files of a minute and more, in the order in which they start; the others follow, so that at the end no core waits for
 * one of them. What keeps the machine busy stands between what mostly waits for processes.
 */
const LONG = [
  "test/conformance/github.test.ts",
  "test/conformance/gitlab.test.ts",
  "test/conformance/local.test.ts",
  "test/db/store-differential.test.ts",
  "test/db/alarm-clock.test.ts",
  "test/e2e/high-availability.test.ts",
  "test/e2e/github-commands.test.ts",
  "test/e2e/demo.test.ts",
  "test/e2e/github-results.test.ts",
  "test/e2e/rolling.test.ts",
  "test/e2e/github-merging.test.ts",
  "test/e2e/chaos.test.ts",
  "test/e2e/github-hostile.test.ts",
  "test/e2e/http-compatible-hostile.test.ts",
  "test/e2e/github-forks.test.ts",
  "test/e2e/compatible-runner.test.ts",
  "test/e2e/runner-gates.test.ts",
  "test/e2e/why-github.test.ts",
  "test/e2e/dashboard-configuration.test.ts",
  "test/e2e/github.test.ts",
  "test/e2e/github-failures.test.ts",
].map((file) => join(import.meta.dirname, "..", file));

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONG.filter((file) => !existsSync(file));
    if (gone.length > 0) throw new Error(`tools/longest-first.ts names ${gone.join(", ")}`);
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const at = LONG.indexOf(moduleId);
  return at < 0 ? LONG.length : at;
}
