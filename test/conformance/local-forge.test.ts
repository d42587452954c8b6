import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instant } from "../../src/base/brand.ts";
import type { AccountId } from "../../src/core/ids.ts";
import type { VcsEvent } from "../../src/core/vcs-event.ts";
import type { LocalForge } from "../../src/vcs/local/forge.ts";
import { cloneWorkspace } from "./git-workspace.ts";
import { type LocalHarness, localHarness, must } from "./local-harness.ts";
import { openedPull, tip, value } from "./vcs/rule.ts";
import type { VcsRepository } from "./vcs-harness.ts";

/** What the local forge is by itself, beyond what every VCS must be. */

let harness: LocalHarness;

beforeAll(async () => {
  harness = await localHarness();
});

afterAll(async () => {
  await harness.close();
});

const world = () => ({ harness, vcs: harness.vcs });

/** What happened to it: an event that is brought a second time has the same id (S20). */
async function actions(repo: VcsRepository, number: number): Promise<readonly string[]> {
  const events = new Map<string, string>();
  for (const { what, deliveryId } of await harness.events(repo.ref)) {
    if (what.kind === "pull_request" && what.number === number) events.set(deliveryId, what.action);
  }
  return [...events.values()];
}

async function until(done: () => boolean): Promise<void> {
  for (let n = 0; n < 400 && !done(); n++) await sleep(25);
  expect(done()).toBe(true);
}

test("S20 an event that the engine did not take comes again under the same id", async () => {
  const { repo, number } = await openedPull(world());
  await harness.events(repo.ref);
  const offered: VcsEvent[] = [];
  let offset = 0;
  const forge = harness.another({
    now: () => (Date.now() + offset) as Instant,
    onEvent: (event) => {
      offered.push(event);
      return offered.length < 3 ? Promise.reject(new Error("no database")) : Promise.resolve();
    },
  });
  const by = (await repo.person("bob", "write")).id;
  await must(forge.comment({ repository: repo.ref.id, number, by }, "terrane plan"));
  for (let round = 0; round < 5; round++) {
    await forge.notice(repo.ref.id);
    offset += 120_000;
  }
  const mine = offered.filter((event) => event.repository.id === repo.ref.id);
  expect(mine).toHaveLength(3);
  expect(new Set(mine.map((event) => event.deliveryId)).size).toBe(1);
});

test("S22 servers that notice the same push at once tell it once", async () => {
  const { repo, number } = await openedPull(world());
  await harness.events(repo.ref);
  await repo.push("feature", { "c.tf": "" });
  const servers = [harness.forge, harness.another(), harness.another(), harness.another()];
  await Promise.all(servers.map((forge) => forge.notice(repo.ref.id)));
  expect(await actions(repo, number)).toEqual(["opened", "pushed"]);
});

test("S21 what was pushed while no server ran is told when one starts", async () => {
  const { repo, number } = await openedPull(world());
  await harness.events(repo.ref);
  const after = await repo.push("feature", { "c.tf": "" });
  const forge = harness.another();
  await must(forge.start());
  await until(() =>
    harness.received.some(({ what }) => what.kind === "branch_pushed" && what.after === after),
  );
  expect(await actions(repo, number)).toEqual(["opened", "pushed"]);
  await forge.stop();
});

test("a push is told by the hook long before the branches are read again", async () => {
  const { repo } = await openedPull(world());
  await harness.events(repo.ref);
  const forge = harness.another({ times: { markMs: 50, branchesMs: 3_600_000 } });
  await must(forge.start());
  await sleep(500);
  const after = await repo.push("feature", { "c.tf": "" });
  await until(() =>
    harness.received.some(({ what }) => what.kind === "branch_pushed" && what.after === after),
  );
  await forge.stop();
});

test("a repository's own hook is left alone, and its pushes are told all the same", async () => {
  const dir = join(harness.reposDir, `${randomUUID()}.git`);
  execFileSync("git", ["init", "-q", "--bare", "-b", "trunk", dir]);
  await mkdir(join(dir, "hooks"), { recursive: true });
  await writeFile(join(dir, "hooks", "post-receive"), "#!/bin/sh\ntouch theirs\n", { mode: 0o755 });
  const name = `own-hook-${randomUUID()}`;
  const repository = await must(harness.forge.createRepository({ name, bareDir: dir }));
  const workspace = await cloneWorkspace(dir, "trunk");
  const after = await workspace.push("trunk", { "a.tf": "" });
  await workspace.remove();
  await access(join(dir, "theirs"));
  const ref = { installation: "local", id: repository.id, fullName: name };
  expect(await harness.events(ref)).toMatchObject([
    {
      repository: { id: repository.id, fullName: name, defaultBranch: "trunk" },
      what: { kind: "branch_pushed", branch: "trunk", after },
    },
  ]);
});

test("an existing repository's branches are no news", async () => {
  const dir = join(harness.reposDir, `${randomUUID()}.git`);
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", dir]);
  const workspace = await cloneWorkspace(dir, "main");
  await workspace.push("main", { "a.tf": "" });
  await workspace.remove();
  const name = `existing-${randomUUID()}`;
  const { id } = await must(harness.forge.createRepository({ name, bareDir: dir }));
  expect(await harness.events({ installation: "local", id, fullName: name })).toEqual([]);
  const again = { name: `${name}-2`, bareDir: dir };
  expect(await harness.forge.createRepository(again)).toMatchObject({
    kind: "rejected",
    message: `${dir} belongs to another repository of this server.`,
  });
});

test("a directory that is no bare repository, and a name that is taken, are refused", async () => {
  const name = `refused-${randomUUID()}`;
  const { forge, reposDir } = harness;
  const create = (bareDir: string) => forge.createRepository({ name, bareDir });
  expect(await create(join(reposDir, "nothing"))).toMatchObject({ kind: "rejected" });
  const withTree = join(reposDir, randomUUID());
  execFileSync("git", ["init", "-q", withTree]);
  expect(await create(join(withTree, ".git"))).toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("git clone --bare"),
  });
  await must(forge.createRepository({ name }));
  expect(await forge.createRepository({ name })).toMatchObject({ kind: "rejected" });
});

test("a second pull request for the same branches is refused with the number of the first", async () => {
  const { repo, number, author } = await openedPull(world());
  const wanted = {
    repository: repo.ref.id,
    head: "feature",
    base: "main",
    title: "Again",
    body: "",
    by: author.id,
  };
  expect(await harness.forge.openPullRequest(wanted)).toEqual({
    kind: "rejected",
    message: `Pull request #${number} from feature into main is open already.`,
  });
  await repo.close(number, author.id);
  const opened = await Promise.all([
    harness.forge.openPullRequest(wanted),
    harness.another().openPullRequest(wanted),
  ]);
  // A refused one takes no number.
  expect(opened.map((each) => each.kind).toSorted()).toEqual(["ok", "rejected"]);
  expect(opened).toContainEqual({ kind: "ok", value: number + 1 });
  const act = { repository: repo.ref.id, number, by: author.id };
  expect(await harness.forge.reopen(act)).toEqual({
    kind: "rejected",
    message: `Pull request #${number + 1} from feature into main is open already.`,
  });
});

test.each([
  ["nothing", "main", "There is no branch nothing. Push it first."],
  ["feature", "nothing", "There is no branch nothing to merge into."],
  ["main", "main", "The head and the base are both main."],
  ["main", "feature", "main has no commit that feature lacks."],
  ["--help", "main", '"--help" is no branch name.'],
])("a pull request from %s into %s is refused", async (head, base, message) => {
  const { repo, author } = await openedPull(world());
  const wanted = { repository: repo.ref.id, head, base, title: "T", body: "", by: author.id };
  expect(await harness.forge.openPullRequest(wanted)).toEqual({ kind: "rejected", message });
});

test("S15 people do what their permission allows, and authors look after their own", async () => {
  const { repo, number, author, head } = await openedPull(world());
  const reader = await repo.person("reader", "read");
  const nobody = await repo.person("nobody", "none");
  const { forge } = harness;
  const as = (by: AccountId) => ({ repository: repo.ref.id, number, by });
  const merge = { head, method: "merge" } as const;
  const refused = [
    forge.comment(as(nobody.id), "hello"),
    forge.review(as(nobody.id), { verdict: "approved", body: "" }),
    forge.merge(as(reader.id), merge),
    forge.close(as(reader.id)),
    forge.edit(as(reader.id), { title: "Mine" }),
    forge.dismissReview(as(reader.id), author.id),
  ];
  for (const each of refused) expect(await each).toMatchObject({ kind: "forbidden" });
  expect(await forge.comment(as("ghost" as AccountId), "boo")).toMatchObject({ kind: "not_found" });
  expect(await forge.review(as(author.id), { verdict: "approved", body: "" })).toMatchObject({
    kind: "rejected",
  });
  await must(forge.setPermission(repo.ref.id, author.id, "read"));
  await must(forge.edit(as(author.id), { title: "Better" }));
  await must(forge.close(as(author.id)));
});

test("the same login in any case is one account, made with the right to write", async () => {
  const login = `Zoe-${randomUUID().slice(0, 8)}`;
  const zoe = await must(harness.forge.ensureAccount(login));
  const again = await must(harness.forge.ensureAccount(login.toUpperCase(), "admin"));
  expect(zoe.permission).toBe("write");
  expect(again).toEqual(zoe);
});

test("a pull request is read with its conversation, its commits and its diff", async () => {
  const { repo, number, other, head } = await openedPull(world());
  await repo.comment(number, "Looks good\0", other.id);
  await repo.review(number, "approved", other.id);
  const draft = { key: "sticky", externalId: undefined };
  await value(harness.vcs.putComment(repo.ref, number, { ...draft, markdown: "Planning" }));
  await value(harness.vcs.putComment(repo.ref, number, { ...draft, markdown: "Planned" }));
  await value(harness.vcs.putComment(repo.ref, number, { ...draft, markdown: "Planned" }));
  const read = await must(harness.forge.pullRequest(repo.ref.id, number));
  expect(read.comments).toMatchObject([
    { author: other, body: "Looks good\ufffd", edits: 0 },
    { author: undefined, body: "Planned", edits: 1 },
  ]);
  expect(read.reviews).toMatchObject([{ reviewer: other, verdict: "approved", commit: head }]);
  expect(read.commits).toMatchObject([{ commit: head, author: "Test Person" }]);
  const diff = await must(harness.forge.diff(repo.ref.id, number));
  expect(diff).toMatchObject({ truncated: false });
  expect(diff.text).toContain("+b = 1");
  await repo.merge(number, other.id);
  const merged = await must(harness.forge.pullRequest(repo.ref.id, number));
  expect(merged.commits).toHaveLength(1);
  expect((await must(harness.forge.diff(repo.ref.id, number))).text).toBe(diff.text);
});

test("a link is not followed to another file", async () => {
  const { repo } = await openedPull(world());
  const workspace = await cloneWorkspace(await bareDir(harness.forge, repo), "main");
  await workspace.git("fetch", "-q", "origin");
  await workspace.git("checkout", "-q", "-B", "link", "origin/main");
  execFileSync("ln", ["-s", "a.tf", join(workspace.dir, "config.yml")]);
  await workspace.git("add", "config.yml");
  await workspace.git("commit", "-q", "-m", "link");
  await workspace.git("push", "-q", "origin", "HEAD:refs/heads/link");
  await workspace.remove();
  const commit = await tip(repo, "link");
  expect(await harness.vcs.file(repo.ref, commit, "config.yml", 1_000)).toMatchObject({
    kind: "rejected",
  });
  expect(await value(harness.vcs.tree(repo.ref, commit))).toContain("config.yml");
});

async function bareDir(forge: LocalForge, repo: VcsRepository): Promise<string> {
  const repository = await forge.repository(repo.ref.id);
  if (repository === undefined) throw new Error("the repository is gone");
  return repository.bareDir;
}
