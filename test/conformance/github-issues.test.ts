import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { LeftIssue } from "../../src/core/run/issue.ts";
import { createIssue } from "../support/github-double/domain/issues.ts";
import type { Repository } from "../support/github-double/world.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { failure, openedPull, value } from "./vcs/rule.ts";

let harness: GithubHarness;

beforeAll(async () => {
  harness = await githubHarness();
});

afterEach(() => {
  harness.double.faults.clear();
});

afterAll(async () => {
  expect(harness.double.violations()).toEqual([]);
  await harness.close();
});

async function world() {
  const { vcs, double } = harness;
  const opened = await openedPull({ harness, vcs });
  const repository = present(double.world.repositories.get(Number(opened.repo.ref.id)), "it");
  return { ...opened, vcs, double, repository };
}

function drift(told: string): LeftIssue {
  const about = ["d".repeat(12)];
  return { title: "Drift", body: `told: ${told}`, dedupe: told.padEnd(64, "0"), about };
}

function asks(repository: Repository, body: string | null, count = 1): void {
  const { world: double } = harness.double;
  const author = harness.double.user("eve");
  for (let n = 0; n < count; n++) {
    createIssue(double, repository, author, { title: `Question ${n}`, body, viaApp: false });
  }
}

test("runner defect 25: our issue is found on every page, among issues without a text, by an Enterprise address", async () => {
  const { repo, vcs, repository, double } = await world();
  expect(double.apiUrl).toMatch(/\/api\/v3$/);
  await value(vcs.putIssues(repo.ref, [drift("1")]));
  asks(repository, null, 120);
  await value(vcs.putIssues(repo.ref, [drift("1")]));
  await value(vcs.putIssues(repo.ref, [drift("2")]));
  const ours = (await repo.issues()).filter(({ title }) => title === "Drift");
  expect(ours).toHaveLength(1);
  expect(ours[0]?.body).toContain("told: 2");
});

test("an answer that was lost opens no second issue", async () => {
  const { repo, vcs, double } = await world();
  double.faults.lostAnswer({ operation: "issues/create" });
  expect(await failure(vcs.putIssues(repo.ref, [drift("1")]))).toBe("unavailable");
  await value(vcs.putIssues(repo.ref, [drift("1")]));
  expect(await repo.issues()).toHaveLength(1);
});

test("somebody who copies our issue, marker and all, keeps us from nothing", async () => {
  const { repo, vcs, repository } = await world();
  await value(vcs.putIssues(repo.ref, [drift("1")]));
  const [first] = await repo.issues();
  const mine = present(repository.issues.get(first?.number ?? 0), "the issue");
  mine.state = "closed";
  asks(repository, mine.body);
  await value(vcs.putIssues(repo.ref, [drift("1")]));
  const open = (await repo.issues()).filter((issue) => issue.open);
  expect(open.map(({ title }) => title)).toEqual(["Question 0", "Drift"]);
});

test("the longest issue that a runner may send is taken, with all it is about", async () => {
  const { repo, vcs } = await world();
  const about = Array.from({ length: 300 }, (_, n) => n.toString(16).padStart(12, "0"));
  const issue = { title: "t".repeat(255), body: "x".repeat(60_000), dedupe: "e".repeat(64), about };
  await value(vcs.putIssues(repo.ref, [issue]));
  await value(vcs.putIssues(repo.ref, [{ ...issue, about: about.slice(-1) }]));
  expect(await repo.issues()).toHaveLength(1);
});
