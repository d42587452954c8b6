import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CENTRAL_FOLDER, CENTRAL_NAMES } from "../../src/core/config/central.ts";
import { CONFIG_PATHS } from "../../src/core/fact.ts";
import type { Vcs } from "../../src/ports/vcs.ts";
import { createGithub } from "../../src/vcs/github/github.ts";
import * as scene from "../support/github-double/scene.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { openedPull, tip, value } from "./vcs/rule.ts";

const CONFIG = { ".terrane/config.yml": "version: '1'\n", "a.tf": "a", "move.tf": "some content" };
const TEN_SECONDS = 10_000;

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

/** A server that has just started. */
function server(now: () => number = () => 0): Vcs {
  const { double } = harness;
  const { id: appId, privateKey } = double.app;
  const options = { appId, privateKey, userAgent: "terrane-test", webhookSecrets: ["secret"], now };
  return createGithub({ ...options, apiUrl: double.apiUrl }).vcs;
}

async function opened(vcs: Vcs) {
  const world = await openedPull({ harness, vcs });
  // What every repository is asked for once: its id in the other API.
  await value(vcs.pullRequest(world.repo.ref, world.number));
  return world;
}

/** The calls that `work` makes. */
async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const before = harness.double.calls();
  await work();
  const after = Object.entries(harness.double.calls());
  return Object.fromEntries(
    after.flatMap(([name, n]) =>
      n === (before[name] ?? 0) ? [] : [[name, n - (before[name] ?? 0)]],
    ),
  );
}

test("a pull request, its configuration, checks, central repository and changes are one query and the lists of files", async () => {
  const vcs = server();
  const { repo, number, head } = await opened(vcs);
  const base = await tip(repo, "main");
  harness.double.world.journal.unchanged = 0;
  const calls = await callsOf(async () => {
    const view = await value(vcs.pullRequest(repo.ref, number));
    expect(view).toMatchObject({ headSha: head, baseSha: base, defaultBranchSha: base });
    for (const commit of [head, base])
      expect(await value(vcs.readFiles(repo.ref, commit, CONFIG_PATHS, 1_000))).toEqual([]);
    expect(await value(vcs.sibling(repo.ref, CENTRAL_NAMES, CENTRAL_FOLDER))).toBeUndefined();
    expect(await value(vcs.checks(repo.ref, head))).toEqual([]);
    await value(vcs.tree(repo.ref, head));
    expect(await value(vcs.changes(repo.ref, { base, head, direct: false }))).not.toEqual([]);
  });
  expect(calls).toEqual({ "POST /graphql": 1, "git/get-tree": 2 });
  // All that is immutable is known by now.
  const again = await callsOf(async () => {
    await value(vcs.pullRequest(repo.ref, number));
    await value(vcs.tree(repo.ref, head));
    await value(vcs.tree(repo.ref, base));
    await value(vcs.changes(repo.ref, { base, head, direct: false }));
    await value(vcs.changes(repo.ref, { base, head, direct: true }));
  });
  expect(again).toEqual({ "POST /graphql": 1 });
});

test("configuration comes with the look, from the head and from the default branch, and from nowhere else", async () => {
  const repo = await harness.createRepository(CONFIG);
  const author = await repo.person("ada", "write");
  const text = "version: '1'\nparallel_runs: 2\n";
  await repo.push("feature", { ".terrane/config.yml": text });
  const number = await repo.open({ head: "feature", by: author.id, title: "Change it" });
  const vcs = server();
  const view = await value(vcs.pullRequest(repo.ref, number));
  const calls = await callsOf(async () => {
    const [path] = CONFIG_PATHS;
    const read = async (commit: typeof view.headSha) =>
      await value(vcs.readFiles(repo.ref, commit, CONFIG_PATHS, 1_000));
    expect(await read(view.headSha)).toEqual([{ path, kind: "text", text }]);
    expect(await read(view.baseSha)).toEqual([
      { path, kind: "text", text: CONFIG[".terrane/config.yml"] },
    ]);
  });
  expect(calls).toEqual({});
});

test("a configuration that is a symbolic link is followed by the other API", async () => {
  const repo = await harness.createRepository(CONFIG);
  const author = await repo.person("ada", "write");
  const { double } = harness;
  const stored = double.world.repositories.get(Number(repo.ref.id));
  if (stored === undefined) throw new Error("no repository");
  const files = { ".terrane/config.yml": { symlink: "../a.tf" } };
  await scene.push(double, stored, { branch: "linked", files, by: double.user("ada") });
  const number = await repo.open({ head: "linked", by: author.id, title: "Link it" });
  const vcs = server();
  const view = await value(vcs.pullRequest(repo.ref, number));
  const calls = await callsOf(() =>
    value(vcs.readFiles(repo.ref, view.headSha, CONFIG_PATHS, 1_000)),
  );
  expect(calls).toEqual({ "POST /graphql": 1, "repos/get-content": 1 });
});

test("what can change is given out once, and not when it is some seconds old", async () => {
  let now = 0;
  const vcs = server(() => now);
  const { repo, number, head } = await opened(vcs);
  await value(vcs.pullRequest(repo.ref, number));
  await value(vcs.checks(repo.ref, head));
  await repo.foreignCheck?.(head, { name: "lint", state: "failed" });
  const lint = [{ name: "lint", state: "failed" }];
  expect(await value(vcs.checks(repo.ref, head))).toEqual(lint);
  await value(vcs.pullRequest(repo.ref, number));
  await repo.foreignCheck?.(head, { name: "test", state: "passed" });
  now += TEN_SECONDS;
  expect(await value(vcs.checks(repo.ref, head))).toHaveLength(2);
});

test("checks of a commit come with the look as the other API tells them", async () => {
  const vcs = server();
  const { repo, number, head } = await opened(vcs);
  for (const state of ["passed", "failed", "pending"] as const)
    await repo.foreignCheck?.(head, { name: `is ${state}`, state });
  const asked = await value(server().checks(repo.ref, head));
  expect(asked).toHaveLength(3);
  await value(vcs.pullRequest(repo.ref, number));
  const calls = await callsOf(async () => {
    const told = await value(vcs.checks(repo.ref, head));
    expect(new Set(told)).toEqual(new Set(asked));
  });
  expect(calls).toEqual({});
});

test("a command and the pull request it is on are one query", async () => {
  const vcs = server();
  const { repo, number, head, other } = await opened(vcs);
  const id = await repo.comment(number, "terrane apply", other.id);
  const calls = await callsOf(async () => {
    expect(await value(vcs.comment(repo.ref, number, id))).toMatchObject({
      author: other,
      body: "terrane apply",
      pullRequest: { number, headSha: head, state: "open" },
    });
    // Whose comment it is has been told with it.
    await value(vcs.permission(repo.ref, other.id));
  });
  expect(calls).toEqual({ "POST /graphql": 1, "repos/get-collaborator-permission-level": 1 });
});

test("S14 S23 whoever asks for the pull request gets it as it is, not as it was seen for somebody else", async () => {
  const vcs = server();
  const { repo, number, other } = await opened(vcs);
  const id = await repo.comment(number, "terrane apply", other.id);
  await value(vcs.comment(repo.ref, number, id));
  const head = await repo.push("feature", { "b.tf": "pushed since" });
  expect((await value(vcs.pullRequest(repo.ref, number))).headSha).toBe(head);
});

test("where the base has moved on, the comparison of GitHub says what was changed", async () => {
  const vcs = server();
  const { repo, number, head } = await opened(vcs);
  const base = await repo.push("main", { "elsewhere.tf": "1" });
  await value(vcs.pullRequest(repo.ref, number));
  await value(vcs.tree(repo.ref, head));
  const calls = await callsOf(async () => {
    const changes = await value(vcs.changes(repo.ref, { base, head, direct: false }));
    expect(changes).not.toContainEqual(expect.objectContaining({ path: "elsewhere.tf" }));
  });
  expect(calls).toEqual({ "repos/compare-commits-with-basehead": 1 });
});

test("a branch that merged the base again is compared with where it did", async () => {
  const vcs = server();
  const { repo, number } = await opened(vcs);
  const { double } = harness;
  const stored = double.world.repositories.get(Number(repo.ref.id));
  const pull = stored?.pulls.get(number);
  if (stored === undefined || pull === undefined) throw new Error("no pull request");
  const base = await repo.push("main", { "elsewhere.tf": "1" });
  await repo.push("feature", { "more.tf": "1" });
  const view = await value(vcs.pullRequest(repo.ref, number));
  await value(vcs.tree(repo.ref, view.headSha));
  const { headSha: head } = view;
  const changes = await value(vcs.changes(repo.ref, { base, head, direct: false }));
  expect(changes).toContainEqual({ kind: "added", path: "more.tf" });
  expect(changes).not.toContainEqual(expect.objectContaining({ path: "elsewhere.tf" }));
});

test("an app that may not see statuses is answered call by call", async () => {
  const vcs = server();
  const { repo, number, head } = await opened(vcs);
  const [installation] = harness.double.world.installations.values();
  if (installation === undefined) throw new Error("no installation");
  const { permissions } = installation;
  const { statuses: _, ...fewer } = permissions;
  installation.permissions = fewer;
  try {
    const view = await value(server().pullRequest(repo.ref, number));
    expect(view).toMatchObject({ headSha: head });
  } finally {
    installation.permissions = permissions;
  }
});

test("where there is no such query, everything is answered call by call", async () => {
  const vcs = server();
  const { repo, number } = await opened(vcs);
  const looked = await value(vcs.pullRequest(repo.ref, number));
  harness.double.faults.plan({ status: 404 }, { operation: "graphql", times: 1 });
  const calls = await callsOf(async () => {
    expect(await value(vcs.pullRequest(repo.ref, number))).toEqual(looked);
  });
  expect(calls).toMatchObject({ "pulls/get": 1, "pulls/list-reviews": 1 });
});

test("more reviews than one look shows are all read", async () => {
  const vcs = server();
  const { repo, number, other } = await opened(vcs);
  const { double } = harness;
  const pull = double.world.repositories.get(Number(repo.ref.id))?.pulls.get(number);
  if (pull === undefined) throw new Error("no pull request");
  await repo.review(number, "approved", other.id);
  const noisy = double.user("noisy");
  for (let n = 0; n < 101; n++) scene.review(double, pull, noisy, "REQUEST_CHANGES");
  const { reviews } = await value(vcs.pullRequest(repo.ref, number));
  expect(reviews.map((one) => one.reviewer.login).toSorted()).toEqual(
    [other.login, "noisy"].toSorted(),
  );
});
