import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** What one run of the tests amounts to. */
export type TestCounts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

/** The last line of every test run: people and continuous integration read the same sentence. */
export function footer(counts: TestCounts): string {
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/**
 * Prints the footer, and writes the counts to the file named by TEST_COUNTS for tools/check.ts. A
 * file that does not load and an error outside a test count as failures: a run that checked
 * less than it should must not read as green.
 */
export function testFooter(): Reporter {
  return {
    onTestRunEnd(modules, errors) {
      const counts = sum(modules, errors.length);
      const file = process.env["TEST_COUNTS"];
      if (file !== undefined) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, JSON.stringify(counts));
      }
      process.stdout.write(`${footer(counts)}\n`);
    },
  };
}

function sum(modules: readonly TestModule[], strayErrors: number): TestCounts {
  const counts = { passed: 0, failed: strayErrors, skipped: 0 };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      switch (test.result().state) {
        case "passed":
          counts.passed += 1;
          break;
        case "skipped":
          counts.skipped += 1;
          break;
        case "failed":
        case "pending":
          failedHere += 1;
          break;
      }
    }
    if (failedHere === 0 && module.state() === "failed") failedHere = 1;
    counts.failed += failedHere;
  }
  return counts;
}
