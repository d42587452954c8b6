import { afterAll, beforeAll, expect, test } from "vitest";
import type { ForgeStore } from "../../src/ports/forge-store.ts";
import type { LocalForge } from "../../src/vcs/local/forge.ts";
import { cloneWorkspace } from "./git-workspace.ts";
import { type LocalHarness, localHarness, must } from "./local-harness.ts";
import { openedPull, tip, value } from "./vcs/rule.ts";
import type { VcsRepository } from "./vcs-harness.ts";

/** Merges of the local forge between crashes, races and people who push by hand. */

let harness: LocalHarness;

beforeAll(async () => {
  harness = await localHarness();
});

afterAll(async () => {
  await harness.close();
});

const world = () => ({ harness, vcs: harness.vcs });

async function actions(repo: VcsRepository, number: number): Promise<readonly string[]> {
  const events = await harness.events(repo.ref);
  return events.flatMap(({ what }) =>
    what.kind === "pull_request" && what.number === number ? [what.action] : [],
  );
}

/** A store whose next call of this name fails, as when the server dies just before it. */
function failing(store: ForgeStore, name: "observe" | "intendMerge"): ForgeStore {
  return { ...store, [name]: () => Promise.reject(new Error("the server died")) };
}

test.each(["merge", "squash", "rebase"] as const)(
  "S25 a merge that a crash cut off after git moved is found, once, and not done again (%s)",
  async (method) => {
    const { repo, number, other, head } = await openedPull(world());
    await repo.push(repo.defaultBranch, { "main.tf": "" });
    await harness.events(repo.ref);
    const dying = harness.another({ store: failing(harness.store, "observe") });
    const act = { repository: repo.ref.id, number, by: other.id };
    await expect(dying.merge(act, { head, method })).rejects.toThrow("the server died");
    const merged = await tip(repo, repo.defaultBranch);

    const [one, two] = await Promise.all([
      must(harness.forge.merge(act, { head, method })),
      must(harness.another().merge(act, { head, method })),
    ]);
    expect([one, two]).toEqual([merged, merged]);
    expect(await tip(repo, repo.defaultBranch)).toBe(merged);
    expect(await actions(repo, number)).toEqual(["opened", "closed"]);
    const { pull } = await must(harness.forge.pullRequest(repo.ref.id, number));
    expect(pull.status).toMatchObject({ state: "merged", commit: merged, by: other });
  },
);

test("S25 a merge that a crash cut off before git moved did not happen, and can be done", async () => {
  const { repo, number, other, head } = await openedPull(world());
  const before = await tip(repo, repo.defaultBranch);
  const dying = harness.another({ store: failing(harness.store, "intendMerge") });
  const act = { repository: repo.ref.id, number, by: other.id };
  const request = { head, method: "squash" } as const;
  await expect(dying.merge(act, request)).rejects.toThrow("the server died");
  expect(await tip(repo, repo.defaultBranch)).toBe(before);
  expect(await actions(repo, number)).toEqual(["opened"]);
  await must(harness.forge.merge(act, request));
  expect(await actions(repo, number)).toEqual(["opened", "closed"]);
});

test("S25 merges of several servers at once give one commit", async () => {
  const { repo, number, other, head } = await openedPull(world());
  const before = await tip(repo, repo.defaultBranch);
  const act = { repository: repo.ref.id, number, by: other.id };
  const servers = [harness.forge, harness.another(), harness.another()];
  const commits = await Promise.all(
    servers.map((forge) => must(forge.merge(act, { head, method: "squash" }))),
  );
  expect(new Set(commits).size).toBe(1);
  expect(await tip(repo, repo.defaultBranch)).toBe(commits[0]);
  expect(await commitsSince(repo, before)).toBe(1);
  expect(await actions(repo, number)).toEqual(["opened", "closed"]);
});

test("S25 a merge that looked before another one moved the branch does not merge once more", async () => {
  const { repo, number, other, head } = await openedPull(world());
  const before = await tip(repo, repo.defaultBranch);
  const act = { repository: repo.ref.id, number, by: other.id };
  const request = { head, method: "squash" } as const;
  const { store } = harness;
  const dying = harness.another({ store: failing(store, "observe") });
  let others = 1;
  const late = harness.another({
    store: {
      ...store,
      async pullRequest(key) {
        const seen = await store.pullRequest(key);
        // The second read is the merge's own; by the time it goes on, the other merge is in git.
        if (others-- === 0) await expect(dying.merge(act, request)).rejects.toThrow("died");
        return seen;
      },
    },
  });
  const commit = await must(late.merge(act, request));
  expect(await tip(repo, repo.defaultBranch)).toBe(commit);
  expect(await commitsSince(repo, before)).toBe(1);
  expect(await actions(repo, number)).toEqual(["opened", "closed"]);
});

test("two pull requests merged at once into one branch both arrive", async () => {
  const { repo, number, author, other, head } = await openedPull(world());
  const second = await repo.push("second", { "second.tf": "" });
  const other2 = await repo.open({ head: "second", title: "Second", by: author.id });
  const merge = (forge: LocalForge, which: number, at: typeof head) =>
    must(
      forge.merge(
        { repository: repo.ref.id, number: which, by: other.id },
        { head: at, method: "merge" },
      ),
    );
  await Promise.all([merge(harness.forge, number, head), merge(harness.another(), other2, second)]);
  expect(await repo.read("main", "b.tf")).toBe("b = 1\n");
  expect(await repo.read("main", "second.tf")).toBe("");
});

test("a merge that somebody pushed by hand is a merge", async () => {
  const { repo, number, head } = await openedPull(world());
  const workspace = await cloneWorkspace(await bareDir(harness.forge, repo), "main");
  await workspace.git("fetch", "-q", "origin");
  await workspace.git("push", "-q", "origin", `${head}:refs/heads/main`);
  await workspace.remove();
  expect(await actions(repo, number)).toEqual(["opened", "closed"]);
  const view = await value(harness.vcs.pullRequest(repo.ref, number));
  expect(view).toMatchObject({ state: "merged", mergeSha: head });
});

test("a head that is moved back to the base is not a merge", async () => {
  const { repo, number } = await openedPull(world());
  await harness.events(repo.ref);
  const main = await tip(repo, "main");
  const workspace = await cloneWorkspace(await bareDir(harness.forge, repo), "main");
  await workspace.git("fetch", "-q", "origin");
  await workspace.git("push", "-q", "-f", "origin", `${main}:refs/heads/feature`);
  await workspace.remove();
  await harness.events(repo.ref);
  await repo.push("main", { "later.tf": "" });
  expect(await actions(repo, number)).toEqual(["opened", "pushed"]);
  expect((await value(harness.vcs.pullRequest(repo.ref, number))).state).toBe("open");
});

test("a conflict names the files and the way out", async () => {
  const { repo, number, other, head } = await openedPull(world(), {
    change: { "a.tf": "a = 2\n", "b.tf": "b = 1\n" },
  });
  await repo.push("main", { "a.tf": "a = 3\n" });
  const act = { repository: repo.ref.id, number, by: other.id };
  for (const method of ["merge", "squash", "rebase"] as const) {
    expect(await harness.forge.merge(act, { head, method })).toEqual({
      kind: "rejected",
      message: `Pull request #${number} conflicts with main in a.tf. Merge main into feature, resolve the conflicts and push.`,
    });
  }
});

test("a rebase keeps each commit's author and message", async () => {
  const { repo, number, other } = await openedPull(world());
  const head = await repo.push("feature", { "c.tf": "c" });
  await repo.push("main", { "main.tf": "" });
  const act = { repository: repo.ref.id, number, by: other.id };
  await must(harness.forge.merge(act, { head, method: "rebase" }));
  const workspace = await cloneWorkspace(await bareDir(harness.forge, repo), "main");
  await workspace.git("fetch", "-q", "origin");
  const log = await workspace.git("log", "--format=%an|%cn|%s|%P", "-2", "origin/main");
  await workspace.remove();
  expect(log.split("\n").map((line) => line.split("|").slice(0, 3))).toEqual([
    ["Test Person", "bob", "change feature"],
    ["Test Person", "bob", "change feature"],
  ]);
});

async function commitsSince(repo: VcsRepository, before: string): Promise<number> {
  const workspace = await cloneWorkspace(await bareDir(harness.forge, repo), "main");
  await workspace.git("fetch", "-q", "origin");
  const count = await workspace.git("rev-list", "--count", `${before}..origin/main`);
  await workspace.remove();
  return Number(count);
}

async function bareDir(forge: LocalForge, repo: VcsRepository): Promise<string> {
  const repository = await forge.repository(repo.ref.id);
  if (repository === undefined) throw new Error("the repository is gone");
  return repository.bareDir;
}
