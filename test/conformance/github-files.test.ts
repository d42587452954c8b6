import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Vcs } from "../../src/ports/vcs.ts";
import { createGithub } from "../../src/vcs/github/github.ts";
import * as scene from "../support/github-double/scene.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { tip, value } from "./vcs/rule.ts";

let harness: GithubHarness;

beforeAll(async () => {
  harness = await githubHarness();
});

afterAll(async () => {
  await harness.close();
});

/** Another server process, which remembers nothing. */
function another(): Vcs {
  const { double } = harness;
  return createGithub({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now: () => Date.now(),
    webhookSecrets: ["secret"],
  }).vcs;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

test("S15 files are read from the repository with the id, whatever its name stands for by now", async () => {
  const owner = `own-${randomUUID().slice(0, 8)}`;
  const repo = await harness.createRepository({ "a.yml": "a: 1\nb: 2\n" }, { owner, name: "old" });
  const commit = await tip(repo, "main");
  const made = present(harness.double.world.repositories.get(Number(repo.ref.id)), "just made");
  scene.renameRepository(harness.double, made, "new");
  const other = await harness.createRepository(
    { "a.yml": "evil: 1\nb: 2\n" },
    { owner, name: "old" },
  );
  const vcs = another();
  const files = await value(vcs.readFiles(repo.ref, commit, ["a.yml", "b.yml"], 100));
  expect(files).toEqual([{ path: "a.yml", kind: "text", text: "a: 1\nb: 2\n" }]);
  expect(other.ref.id).not.toBe(repo.ref.id);
});

test("files of an ordinary commit cost one call", async () => {
  const repo = await harness.createRepository({ "a.yml": "a: 1\nb: 2\n", "c.yml": "c:\n" });
  const vcs = another();
  const commit = await tip(repo, "main");
  const before = sum(harness.double.calls());
  await value(vcs.readFiles(repo.ref, commit, ["a.yml", "b.yml", "c.yml"], 100));
  await value(vcs.sibling(repo.ref, ["terrane", "terrateam"], "config"));
  // A new process also needs a token, and the id by which GraphQL knows the repository.
  expect(sum(harness.double.calls()) - before).toBe(4);
  await value(vcs.readFiles(repo.ref, commit, ["a.yml", "b.yml", "c.yml"], 100));
  await value(vcs.sibling(repo.ref, ["terrane", "terrateam"], "config"));
  expect(sum(harness.double.calls()) - before).toBe(6);
});

test("S15 a central repository that was renamed away does not count under its old name", async () => {
  const owner = `own-${randomUUID().slice(0, 8)}`;
  const repo = await harness.createRepository({ "a.tf": "" }, { owner, name: "infra" });
  const central = await harness.createRepository(
    { "config/a.yml": "" },
    { owner, name: "terrane" },
  );
  const vcs = another();
  const find = () => value(vcs.sibling(repo.ref, ["terrane"], "config"));
  expect(await find()).toMatchObject({ ref: central.ref });
  const made = present(harness.double.world.repositories.get(Number(central.ref.id)), "just made");
  scene.renameRepository(harness.double, made, "attic");
  expect(await find()).toBeUndefined();
});

test("a renamed repository still finds what lies beside it", async () => {
  const owner = `own-${randomUUID().slice(0, 8)}`;
  const repo = await harness.createRepository({ "a.tf": "" }, { owner, name: "infra" });
  await harness.createRepository({ "config/a.yml": "" }, { owner, name: "terrane" });
  const vcs = another();
  const asked = { ...repo.ref, fullName: "somebody/else" };
  expect(await value(vcs.sibling(asked, ["terrane"], "config"))).toBeDefined();
});

test("GitHub's descriptions allow all of that", () => {
  expect(harness.double.violations()).toEqual([]);
});
