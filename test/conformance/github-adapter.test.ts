import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { AccountId } from "../../src/core/ids.ts";
import type { CheckDraft, VcsResult } from "../../src/ports/vcs.ts";
import { createClient, type GithubClient } from "../../src/vcs/github/client.ts";
import { createDeliveryLog } from "../../src/vcs/github/deliveries.ts";
import { createGithub, type Github } from "../../src/vcs/github/github.ts";
import * as scene from "../support/github-double/scene.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { openedPull, tip, value } from "./vcs/rule.ts";

const MINUTE = 60_000;
const TREE_ENTRIES = 50;

let harness: GithubHarness;

beforeAll(async () => {
  harness = await githubHarness({ limits: { treeEntries: TREE_ENTRIES } });
});

afterEach(() => {
  harness.double.faults.clear();
});

afterAll(async () => {
  await harness.close();
});

/** Another server process with a clock of its own, so that one test's waits are nobody else's. */
function another(
  now: () => number = () => Date.now(),
  more: { readonly callTimeoutMs?: number } = {},
): Github & { readonly client: GithubClient } {
  const { double } = harness;
  const options = {
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now,
    ...more,
  };
  const github = createGithub({ ...options, webhookSecrets: ["secret"] });
  return { ...github, client: createClient(options) };
}

async function world() {
  const { vcs } = another();
  return { opened: await openedPull({ harness, vcs }), vcs };
}

function counted(operation: string): number {
  return harness.double.calls()[operation] ?? 0;
}

test("mergeability that GitHub still works out is unknown, and not a conflict", async () => {
  const { opened, vcs } = await world();
  const look = async () => (await value(vcs.pullRequest(opened.repo.ref, opened.number))).mergeable;
  expect([await look(), await look()]).toEqual(["unknown", "clean"]);
});

test("a tree that GitHub cuts is walked until it is whole", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 180 }, (_, n) => [`d${n % 9}/${n % 2 === 0 ? "e/" : ""}f${n}.tf`, ""]),
  );
  const repo = await harness.createRepository({ "a.tf": "", ...files });
  const { vcs } = another();
  const before = counted("git/get-tree");
  const tree = await value(vcs.tree(repo.ref, await tip(repo, "main")));
  expect(tree.toSorted()).toEqual(["a.tf", ...Object.keys(files)].toSorted());
  // The whole, its top, and each of the nine directories.
  expect(counted("git/get-tree") - before).toBe(11);
});

test("changes beyond what a comparison lists are found by comparing trees that are cut themselves", async () => {
  const repo = await harness.createRepository({ "keep.tf": "keep", "move.tf": "some content" });
  const base = await tip(repo, "main");
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, n) => [`d${n % 20}/f${n}.tf`, `${n}`]),
  );
  const head = await repo.push("many", { ...files, "move.tf": null, "moved.tf": "some content" });
  const { vcs } = another();
  const changes = await value(vcs.changes(repo.ref, { base, head, direct: false }));
  expect(changes).toHaveLength(401);
  expect(changes).toContainEqual({ kind: "renamed", from: "move.tf", to: "moved.tf" });
});

test("S25 a comment and a check whose answers were lost are found again and not written twice", async () => {
  const { opened, vcs } = await world();
  const { repo, number, head } = opened;
  const draft = { key: "sticky", markdown: "text", externalId: undefined };
  const check: CheckDraft = {
    name: "terrane plan",
    commit: head,
    status: "in_progress",
    conclusion: undefined,
    title: "Planning",
    summary: "",
    number: 1,
    buttons: ["plan", "why"],
    detailsUrl: undefined,
    externalId: undefined,
  };
  harness.double.faults.lostAnswer({ operation: "issues/create-comment" });
  harness.double.faults.lostAnswer({ operation: "checks/create" });
  expect((await vcs.putComment(repo.ref, number, draft)).kind).toBe("unavailable");
  expect((await vcs.putCheck(repo.ref, check)).kind).toBe("unavailable");
  await value(vcs.putComment(repo.ref, number, draft));
  await value(vcs.putCheck(repo.ref, check));
  expect(await repo.comments(number)).toHaveLength(1);
  expect(await repo.checks(head)).toHaveLength(1);
});

test("S25 a call that GitHub is too slow to answer counts as lost, and what it did is found and not done twice", async () => {
  const { opened } = await world();
  const { repo, number } = opened;
  const { vcs } = another(undefined, { callTimeoutMs: 2_000 });
  const draft = { key: "slow", markdown: "text", externalId: undefined };
  const held = harness.double.faults.hold("issues/create-comment");
  const before = performance.now();
  expect(await vcs.putComment(repo.ref, number, draft)).toMatchObject({ kind: "unavailable" });
  expect(performance.now() - before).toBeLessThan(15_000);
  expect(held.waiting()).toBe(1);
  expect(await repo.comments(number)).toEqual([]);
  // GitHub does it all the same, after nobody listens any more.
  held.release();
  await expect.poll(() => repo.comments(number)).toHaveLength(1);
  expect(await value(vcs.putComment(repo.ref, number, draft))).toBeDefined();
  expect(await repo.comments(number)).toHaveLength(1);
});

test("a comment that somebody deleted is written again", async () => {
  const { opened, vcs } = await world();
  const { repo, number } = opened;
  const draft = { key: "sticky", markdown: "text", externalId: undefined };
  const first = await value(vcs.putComment(repo.ref, number, draft));
  repositoryOf(repo.ref.id).comments.delete(Number(first));
  const second = await value(vcs.putComment(repo.ref, number, { ...draft, externalId: first }));
  expect(second).not.toBe(first);
  expect(await repo.comments(number)).toHaveLength(1);
});

test("T7 a comment is read as it is now, in one call, and not once it is deleted", async () => {
  const { opened, vcs } = await world();
  const { repo, number, other } = opened;
  const id = await repo.comment(number, "terrane plan", other.id);
  const [looks, before] = [counted("POST /graphql"), counted("issues/get-comment")];
  const read = () => vcs.comment(repo.ref, number, id);
  expect(await value(read())).toMatchObject({ author: other, body: "terrane plan" });
  const { comments } = repositoryOf(repo.ref.id);
  const comment = present(comments.get(Number(id)), "no comment");
  comment.body = "terrane apply";
  comment.updatedAt = new Date(comment.updatedAt.getTime() + MINUTE);
  expect(await value(read())).toMatchObject({ author: other, body: "terrane apply" });
  comments.delete(Number(id));
  expect((await read()).kind).toBe("not_found");
  // With the pull request it is on; what is not there is looked for by itself, and once more.
  expect(counted("POST /graphql") - looks).toBe(3);
  expect(counted("issues/get-comment") - before).toBe(2);
});

test("a comment that a replica does not know yet is looked for once more", async () => {
  const { opened, vcs } = await world();
  const { repo, number, other } = opened;
  const id = await repo.comment(number, "terrane plan", other.id);
  harness.double.faults.plan({ status: 404 }, { operation: "graphql" });
  harness.double.faults.plan({ status: 404 }, { operation: "issues/get-comment" });
  expect((await value(vcs.comment(repo.ref, number, id))).body).toBe("terrane plan");
});

test("a merge whose answer was lost is done, and says the same commit", async () => {
  const { opened, vcs } = await world();
  const { repo, number, head } = opened;
  harness.double.faults.lostAnswer({ operation: "pulls/merge" });
  const request = { head, method: "squash" } as const;
  expect((await vcs.merge(repo.ref, number, request)).kind).toBe("unavailable");
  expect(await value(vcs.merge(repo.ref, number, request))).toBe(await tip(repo, "main"));
});

function repositoryOf(id: string) {
  const repo = harness.double.world.repositories.get(Number(id));
  if (repo === undefined) throw new Error(`no repository ${id}`);
  return repo;
}

test.each([403, 429] as const)(
  "a rate limit told with %i is obeyed until it is over",
  async (status) => {
    const { opened } = await world();
    let now = Date.now();
    const { vcs } = another(() => now);
    const read = () => vcs.pullRequest(opened.repo.ref, opened.number);
    harness.double.faults.secondaryLimit(status, 30, { operation: "graphql" });
    expect(await read()).toMatchObject({ kind: "unavailable", retryAfterMs: 30_000 });
    const calls = counted("POST /graphql");
    now += 20_000;
    expect(await read()).toMatchObject({ kind: "unavailable", retryAfterMs: 10_000 });
    // Nothing was sent meanwhile: whoever keeps asking is kept waiting.
    expect(counted("POST /graphql")).toBe(calls);
    now += 10_001;
    expect((await read()).kind).toBe("ok");
  },
);

test("an exhausted hour is waited out, and another installation is not kept waiting for it", async () => {
  const { opened } = await world();
  let now = Date.now();
  const { vcs, client } = another(() => now);
  harness.double.faults.primaryLimit(new Date(now + 5 * MINUTE), { operation: "graphql" });
  const failed = await vcs.pullRequest(opened.repo.ref, opened.number);
  expect(failed).toMatchObject({ kind: "unavailable" });
  const wait = failed.kind === "unavailable" ? (failed.retryAfterMs ?? 0) : 0;
  expect(wait).toBeGreaterThan(4 * MINUTE);
  expect(wait).toBeLessThanOrEqual(5 * MINUTE);
  expect((await client.send("app", "GET /app", {})).kind).toBe("ok");
  now += 5 * MINUTE + 1;
  expect((await vcs.pullRequest(opened.repo.ref, opened.number)).kind).toBe("ok");
});

test("a page of HTML during an incident means: try again", async () => {
  const { opened, vcs } = await world();
  harness.double.faults.badGateway({ operation: "graphql" });
  const failed = await vcs.pullRequest(opened.repo.ref, opened.number);
  expect(failed).toMatchObject({ kind: "unavailable", retryAfterMs: undefined });
  expect(failed.kind === "ok" ? "" : failed.message).not.toContain("<");
});

test("an answer of the wrong shape means: try again", async () => {
  const { opened, vcs } = await world();
  const wrong = { status: 200, body: { number: "five" } };
  harness.double.faults.plan(wrong, { operation: "graphql" });
  harness.double.faults.plan(wrong, { operation: "pulls/get" });
  const failed = await vcs.pullRequest(opened.repo.ref, opened.number);
  expect(failed).toMatchObject({ kind: "unavailable" });
});

test("a server that is not there means: try again", async () => {
  const { opened } = await world();
  const { double } = harness;
  const { vcs } = createGithub({
    apiUrl: "http://127.0.0.1:9/api/v3",
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now: () => Date.now(),
    webhookSecrets: ["secret"],
  });
  const failed = await vcs.pullRequest(opened.repo.ref, opened.number);
  expect(failed).toMatchObject({ kind: "unavailable" });
});

test("a token that was revoked before its time is replaced once", async () => {
  const { opened, vcs } = await world();
  const read = () => vcs.pullRequest(opened.repo.ref, opened.number);
  await value(read());
  revokeTokens();
  const minted = counted("apps/create-installation-access-token");
  await value(read());
  // Calls side by side share the new one.
  expect(counted("apps/create-installation-access-token") - minted).toBe(1);
});

function revokeTokens(): void {
  const { tokens } = harness.double.world;
  for (const [secret, token] of tokens) if (token.kind === "installation") tokens.delete(secret);
}

test("calls side by side share one token", async () => {
  const { opened } = await world();
  const { vcs } = another();
  const minted = counted("apps/create-installation-access-token");
  const reads = Array.from({ length: 8 }, () => vcs.openPullRequests(opened.repo.ref));
  await Promise.all(reads.map(value));
  expect(counted("apps/create-installation-access-token") - minted).toBe(1);
});

test("an answer that was cut short means: try again", async () => {
  const { opened, vcs } = await world();
  harness.double.faults.cutShort({ operation: "graphql" });
  harness.double.faults.cutShort({ operation: "pulls/get" });
  const failed = await vcs.pullRequest(opened.repo.ref, opened.number);
  expect(failed).toMatchObject({ kind: "unavailable" });
});

test("a conversation that is locked takes no comment, which is said and not tried for ever", async () => {
  const { opened, vcs } = await world();
  harness.double.faults.lockedConversation();
  const draft = { key: "locked", markdown: "m", externalId: undefined };
  const failed = await vcs.putComment(opened.repo.ref, opened.number, draft);
  expect(failed).toMatchObject({ kind: "rejected" });
  expect(failed.kind === "ok" ? "" : failed.message).toContain("Unlock it");
});

test("an installation does not see the repositories of another", async () => {
  const { opened } = await world();
  const other = harness.double.install(harness.double.user("mallory"));
  const ref = { ...opened.repo.ref, installation: String(other.id) };
  const { vcs } = another();
  const results: VcsResult<unknown>[] = [
    await vcs.pullRequest(ref, opened.number),
    await vcs.tree(ref, opened.head),
    await vcs.file(ref, opened.head, "a.tf", 100),
    await vcs.putComment(ref, opened.number, { key: "k", markdown: "m", externalId: undefined }),
  ];
  expect(results.map((result) => result.kind)).toEqual(Array(4).fill("not_found"));
});

test("what the app may not do is forbidden, and says so", async () => {
  const { opened } = await world();
  const installation = [...harness.double.world.installations.values()][0];
  if (installation === undefined) throw new Error("no installation");
  const { permissions } = installation;
  installation.permissions = { ...permissions, checks: "read" };
  const failed = await another().vcs.putCheck(opened.repo.ref, {
    name: "terrane plan",
    commit: opened.head,
    status: "queued",
    conclusion: undefined,
    title: "t",
    summary: "s",
    number: 1,
    buttons: ["plan", "why"],
    detailsUrl: undefined,
    externalId: undefined,
  });
  installation.permissions = permissions;
  expect(failed).toMatchObject({ kind: "forbidden" });
  expect(failed.kind === "ok" ? "" : failed.message).toContain("not accessible by integration");
});

test("S15 a renamed repository and a renamed person are still themselves", async () => {
  const { opened, vcs } = await world();
  const { repo, number, author } = opened;
  const stored = repositoryOf(repo.ref.id);
  scene.renameRepository(harness.double, stored, `${stored.name}-renamed`);
  expect((await value(vcs.pullRequest(repo.ref, number))).author).toEqual(author);
  const account = harness.double.world.accounts.get(Number(author.id));
  if (account === undefined) throw new Error("no account");
  account.login = "ada-renamed";
  // Somebody else takes the old login, and gets nothing by that.
  const thief = harness.double.user("ada");
  expect(await value(vcs.permission(repo.ref, author.id))).toBe("write");
  expect(await value(vcs.permission(repo.ref, String(thief.id) as AccountId))).toBe("none");
  account.login = author.login;
  harness.double.world.accounts.delete(thief.id);
});

test("roles between read and admin are told apart", async () => {
  const { opened, vcs } = await world();
  for (const permission of ["triage", "maintain"] as const) {
    const person = await opened.repo.person(`with-${permission}`, permission);
    expect(await value(vcs.permission(opened.repo.ref, person.id))).toBe(permission);
  }
});

test("what did not change is not paid for twice", async () => {
  const { opened } = await world();
  const { vcs } = another();
  const seen = async () => await value(vcs.openPullRequests(opened.repo.ref));
  const first = await seen();
  const before = harness.double.world.journal.unchanged;
  expect(await seen()).toEqual(first);
  expect(harness.double.world.journal.unchanged - before).toBe(1);
  await opened.repo.close(opened.number, opened.author.id);
  expect(await seen()).toEqual([]);
});

test("S21 deliveries that nobody took are found in GitHub's log and sent again", async () => {
  const { opened } = await world();
  const since = Date.now() - MINUTE;
  await harness.events(opened.repo.ref);
  harness.double.deliveries.next("push", { kind: "lost" });
  const after = await opened.repo.push("feature", { "lost.tf": "" });
  const pushed = async () =>
    (await harness.events(opened.repo.ref)).filter(
      ({ what }) => what.kind === "branch_pushed" && what.after === after,
    );
  expect(await pushed()).toEqual([]);
  const { client } = another();
  const missed = await value(createDeliveryLog(client).missed({ sinceMs: since }));
  expect(missed.deliveries).toHaveLength(1);
  for (const { id } of missed.deliveries) await value(createDeliveryLog(client).redeliver(id));
  expect(await pushed()).toHaveLength(1);
  // The first attempt stays in the log; the second one counts.
  const again = await value(createDeliveryLog(client).missed({ sinceMs: since }));
  expect(again).toEqual({ deliveries: [] });
});

test("all that was said to GitHub in this file is what its descriptions allow", async () => {
  await harness.double.settled();
  expect(harness.double.violations()).toEqual([]);
});
