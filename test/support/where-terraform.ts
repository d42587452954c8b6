import { execFileSync } from "node:child_process";
import { type TestAPI, test } from "vitest";

const HAS_TERRAFORM = (() => {
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

if (!HAS_TERRAFORM) process.stderr.write("Tests are left out: terraform is not on PATH.\n");

/** For tests that need the real tool; where it is absent the report says that they were skipped. */
// oxlint-disable-next-line vitest/no-disabled-tests -- the rule wants a test here; this makes a `test` for others.
export const whereTerraform: ReturnType<TestAPI["skipIf"]> = test.skipIf(!HAS_TERRAFORM);
