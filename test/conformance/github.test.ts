import { expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { describeVcs } from "./vcs.ts";

let harness: GithubHarness | undefined;

describeVcs(
  "github",
  async () => {
    harness = await githubHarness();
    return harness;
  },
  { skip: [] },
);

test("all that the suite said to GitHub, and heard from it, is what GitHub's descriptions allow", () => {
  const { double } = present(harness, "the suite made no harness");
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, n) => total + n, 0);
  console.log(
    `github: ${sum(double.calls())} calls of ${Object.keys(double.calls()).length} operations, ` +
      `${sum(double.events())} webhooks of ${Object.keys(double.events()).length} kinds, ` +
      `${double.violations().length} violations`,
  );
  expect(sum(double.calls())).toBeGreaterThan(100);
  expect(double.violations()).toEqual([]);
});
