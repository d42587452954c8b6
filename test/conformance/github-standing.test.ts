import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Vcs } from "../../src/ports/vcs.ts";
import { createGithub } from "../../src/vcs/github/github.ts";
import * as scene from "../support/github-double/scene.ts";
import { fullName, type Repository } from "../support/github-double/world.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { openedPull } from "./vcs/rule.ts";

let harness: GithubHarness;

beforeAll(async () => {
  harness = await githubHarness();
});

afterEach(() => {
  harness.double.faults.clear();
});

afterAll(async () => {
  await harness.close();
});

/** A server process that remembers nothing. */
function another(): { readonly vcs: Vcs } {
  const { double } = harness;
  return createGithub({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now: () => Date.now(),
    webhookSecrets: ["secret"],
  });
}

async function world() {
  const { vcs } = another();
  return { opened: await openedPull({ harness, vcs }), vcs };
}

function repositoryOf(id: string): Repository {
  return present(harness.double.world.repositories.get(Number(id)), "a repository");
}

test("who is not installed, or suspended, is forbidden everything, and says what to do", async () => {
  const { opened } = await world();
  const installation = harness.double.install(harness.double.user("zoe"));
  const ref = { ...opened.repo.ref, installation: String(installation.id) };
  installation.suspendedAt = new Date();
  const look = async () => {
    const failed = await another().vcs.pullRequest(ref, opened.number);
    return [failed.kind, failed.kind === "ok" ? "" : failed.message];
  };
  expect(await look()).toEqual(["forbidden", expect.stringContaining("lift the suspension")]);
  const state = () => another().vcs.installationState?.(ref.installation);
  expect(await state()).toEqual({ kind: "ok", value: "suspended" });
  installation.suspendedAt = undefined;
  expect(await state()).toEqual({ kind: "ok", value: "active" });
  harness.double.world.installations.delete(installation.id);
  expect(await look()).toEqual(["forbidden", expect.stringContaining("install it again")]);
  expect(await state()).toEqual({ kind: "ok", value: "removed" });
});

test("S15 where a repository stands is read by its id: renamed, archived, moved, gone", async () => {
  const { opened } = await world();
  const { double } = harness;
  const { ref } = opened.repo;
  const stored = repositoryOf(ref.id);
  const look = async () => await another().vcs.repositoryStanding?.(ref);
  const here = (change: object) => ({
    kind: "ok",
    value: {
      kind: "here",
      installation: ref.installation,
      fullName: fullName(stored),
      defaultBranch: "main",
      archived: false,
      ...change,
    },
  });
  expect(await look()).toEqual(here({}));
  scene.renameRepository(double, stored, `${stored.name}-with-another-name`);
  expect(await look()).toEqual(here({}));
  stored.archived = true;
  expect(await look()).toEqual(here({ archived: true }));
  stored.archived = false;
  const { owner } = stored;
  const globex = double.organization(`globex-${ref.id}`).account;
  stored.owner = globex;
  // Its new owner does not have the app.
  expect(await look()).toEqual({ kind: "ok", value: { kind: "gone" } });
  const { id } = double.install(globex);
  expect(await look()).toEqual(here({ installation: String(id), fullName: fullName(stored) }));
  stored.owner = owner;
  double.world.repositories.delete(stored.id);
  expect(await look()).toEqual({ kind: "ok", value: { kind: "gone" } });
  double.world.repositories.set(stored.id, stored);
  harness.double.faults.badGateway({ operation: "repos/get" });
  expect((await look())?.kind).toBe("unavailable");
});

test("all that was said to GitHub in this file is what its descriptions allow", () => {
  expect(harness.double.violations()).toEqual([]);
});
