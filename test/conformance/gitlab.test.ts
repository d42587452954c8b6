import { expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { type GitlabHarness, gitlabHarness } from "./gitlab-harness.ts";
import { describeVcs } from "./vcs.ts";

let harness: GitlabHarness | undefined;

async function make(): Promise<GitlabHarness> {
  harness = await gitlabHarness();
  return harness;
}

describeVcs("gitlab", make, {
  skip: [
    {
      reason:
        "how commits come onto the target branch is a setting of a GitLab project: one merge alone cannot rebase",
      tests: ["rebase: both sides are on the base branch afterwards"],
    },
    {
      reason: "GitLab asks people for a review and never groups",
      tests: [
        "S25 whoever a gate names is asked for a review once, and those who cannot be are told",
      ],
    },
  ],
});

test("all that the suite said to GitLab, and heard from it, is what GitLab's documentation names", () => {
  const { journal } = present(harness, "the suite made no harness").double.world;
  const sum = (counts: ReadonlyMap<string, number>) =>
    [...counts.values()].reduce((total, n) => total + n, 0);
  console.log(
    `gitlab: ${sum(journal.calls)} calls of ${journal.calls.size} operations, ` +
      `${sum(journal.events)} webhooks of ${journal.events.size} kinds, ` +
      `${journal.violations.length} violations`,
  );
  expect(sum(journal.calls)).toBeGreaterThan(100);
  expect(journal.violations).toEqual([]);
});
