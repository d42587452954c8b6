import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { AccountId, CommitSha } from "../../src/core/ids.ts";
import { createGithub, type Github } from "../../src/vcs/github/github.ts";
import * as scene from "../support/github-double/scene.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { openedPull, value } from "./vcs/rule.ts";

/** What access rules and apply requirements ask GitHub. */
let harness: GithubHarness;

beforeAll(async () => {
  harness = await githubHarness({});
});

afterAll(async () => {
  await harness.close();
});

/** Another server process, whose tokens know nothing of what was permitted before. */
function fresh(): Github {
  const { apiUrl, app } = harness.double;
  return createGithub({
    apiUrl,
    appId: app.id,
    privateKey: app.privateKey,
    userAgent: "terrane-test",
    now: () => Date.now(),
    webhookSecrets: ["secret"],
  });
}

test("older statuses count beside check runs, the latest of each context", async () => {
  const { double } = harness;
  const opened = await openedPull({ harness, vcs: harness.vcs });
  const repo = present(double.world.repositories.get(Number(opened.repo.ref.id)), "the repository");
  const creator = double.user("ci-bot");
  const at = (context: string, state: "failure" | "pending" | "success") =>
    scene.setStatus(double, repo, opened.head, { context, state, creator });
  at("ci/old", "failure");
  at("ci/old", "success");
  at("ci/slow", "pending");
  scene.foreignCheck(double, repo, opened.head, { name: "optional", conclusion: "skipped" });
  scene.foreignCheck(double, repo, opened.head, { name: "hung", conclusion: "timed_out" });
  const checks = await value(harness.vcs.checks(opened.repo.ref, opened.head));
  expect(new Set(checks.map(({ name, state }) => `${name} ${state}`))).toEqual(
    new Set(["ci/old passed", "ci/slow pending", "optional passed", "hung failed"]),
  );
});

test("what the branch's rules want is outstanding until they are satisfied", async () => {
  const { double } = harness;
  const opened = await openedPull({ harness, vcs: harness.vcs });
  const repo = present(double.world.repositories.get(Number(opened.repo.ref.id)), "the repository");
  repo.protections.set(repo.defaultBranch, { approvals: 1, checks: [] });
  const outstanding = () => value(harness.vcs.openReviews(opened.repo.ref, opened.number));
  expect(await outstanding()).toEqual(["a review that the branch's rules want"]);
  await opened.repo.review(opened.number, "changes_requested", opened.other.id);
  expect(await outstanding()).toEqual(["a reviewer who wants changes"]);
  await opened.repo.review(opened.number, "approved", opened.other.id);
  expect(await outstanding()).toEqual([]);
});

test("a merge waits for required checks of others, and is done once they have passed", async () => {
  const { double, vcs } = harness;
  const opened = await openedPull({ harness, vcs });
  const repo = present(double.world.repositories.get(Number(opened.repo.ref.id)), "the repository");
  repo.protections.set(repo.defaultBranch, { approvals: 0, checks: ["ci"] });
  const request = { head: opened.head, method: "auto" } as const;
  const merge = () => vcs.merge(opened.repo.ref, opened.number, request);
  expect(await merge()).toMatchObject({ kind: "unavailable", retryAfterMs: 15_000 });
  scene.foreignCheck(double, repo, opened.head, { name: "ci", conclusion: "success" });
  expect((await merge()).kind).toBe("ok");
});

test("S25 a branch that takes changes through its queue only gets them so, once and of that head", async () => {
  const { double, vcs } = harness;
  const opened = await openedPull({ harness, vcs });
  const repo = present(double.world.repositories.get(Number(opened.repo.ref.id)), "the repository");
  const pull = present(repo.pulls.get(opened.number), "the pull request");
  repo.protections.set(repo.defaultBranch, { approvals: 1, checks: [], queue: true });
  const { ref } = opened.repo;
  const enqueue = (head = opened.head) =>
    present(vcs.enqueue, "GitHub has queues")(ref, opened.number, head);
  const merge = () => vcs.merge(ref, opened.number, { head: opened.head, method: "auto" });
  // Other rules come first, and the queue would give it back for them.
  expect(await merge()).not.toHaveProperty("byQueue");
  expect(await enqueue()).toMatchObject({ kind: "rejected" });
  await opened.repo.review(opened.number, "approved", opened.other.id);
  expect(await merge()).toMatchObject({ kind: "rejected", byQueue: true });
  expect(await enqueue("0".repeat(40) as CommitSha)).toMatchObject({ kind: "rejected" });
  expect(pull.queuedBy).toBeUndefined();
  expect(await enqueue()).toEqual({ kind: "ok", value: undefined });
  expect(pull.queuedBy).toBe(double.world.app.bot);
  // As where the answer to the first call was lost.
  expect(await enqueue()).toEqual({ kind: "ok", value: undefined });
  const sha = await scene.mergeQueued(double, pull);
  expect(await enqueue()).toEqual({ kind: "ok", value: undefined });
  expect(await merge()).toEqual({ kind: "ok", value: sha });
});

test("whoever was invited into a team and has not accepted is not in it", async () => {
  const { double } = harness;
  const { repo, other } = await openedPull({ harness, vcs: harness.vcs });
  await repo.putInTeam("invited", other.id, true);
  const [organization] = double.world.organizations.values();
  organization?.teams.get("invited")?.invited.add(Number(other.id));
  expect(await value(harness.vcs.teamMember(repo.ref, "invited", other.id))).toBe(false);
});

test("without the right to see members, a team is forbidden and not empty", async () => {
  const { double } = harness;
  const { repo, other } = await openedPull({ harness, vcs: harness.vcs });
  const [installation] = double.world.installations.values();
  const permissions = present(installation, "the installation").permissions;
  const { members: _members, ...without } = permissions;
  present(installation, "the installation").permissions = without;
  try {
    const told = await fresh().vcs.teamMember(repo.ref, "ops", other.id);
    expect(told.kind).toBe("forbidden");
  } finally {
    present(installation, "the installation").permissions = permissions;
  }
});

test("a person's own repository has no teams", async () => {
  const { double } = harness;
  const owner = double.user("solo");
  const installation = double.install(owner);
  const repo = await scene.createRepository(double, owner, "mine");
  const ref = { installation: String(installation.id), id: String(repo.id), fullName: "solo/mine" };
  const id = String(owner.id) as AccountId;
  expect(await value(harness.vcs.teamMember(ref, "ops", id))).toBe(false);
});

test("all that was said to GitHub in this file is what its descriptions allow", async () => {
  await harness.double.settled();
  expect(harness.double.violations()).toEqual([]);
});
