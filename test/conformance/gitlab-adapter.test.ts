import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { AccountId, CommitSha } from "../../src/core/ids.ts";
import { approversOf } from "../../src/core/pull-request.ts";
import type { CheckDraft } from "../../src/ports/vcs.ts";
import type { Forge, MergeRequest } from "../support/gitlab-double/forge.ts";
import { DISABLED_AFTER } from "../support/gitlab-double/hooks.ts";
import * as scene from "../support/gitlab-double/scene.ts";
import { type GitlabHarness, gitlabHarness } from "./gitlab-harness.ts";
import { failure, type OpenedPull, openedPull, tip, value } from "./vcs/rule.ts";

/** What is GitLab's own; all that holds for every forge is in `gitlab.test.ts`. */

let harness: GitlabHarness;

beforeAll(async () => {
  harness = await gitlabHarness();
});

afterAll(() => harness.close());

const vcs = () => harness.vcs;
const opened = (options?: Parameters<typeof openedPull>[1]) =>
  openedPull({ harness, vcs: harness.vcs }, options);

function forgeOf({ repo }: Pick<OpenedPull, "repo">): Forge {
  return harness.projectOf(repo.ref).forge;
}

function requestOf(pull: OpenedPull): MergeRequest {
  return present(forgeOf(pull).mergeRequests.get(pull.number), "the merge request");
}

async function approvers(pull: OpenedPull): Promise<readonly string[]> {
  const view = await value(vcs().pullRequest(pull.repo.ref, pull.number));
  return approversOf(view).map(({ login }) => login);
}

describe("S14 approvals, which know no commit", () => {
  test("one of the very moment of a push is taken to be of what was there before", async () => {
    const pull = await opened();
    await pull.repo.review(pull.number, "approved", pull.other.id);
    expect(await approvers(pull)).toEqual([pull.other.login]);
    const request = requestOf(pull);
    const last = present(request.versions.at(-1), "a version");
    request.approvals.set(Number(pull.other.id), last.createdAt);
    expect(await approvers(pull)).toEqual([]);
    request.approvals.set(Number(pull.other.id), new Date(last.createdAt.getTime() + 1));
    expect(await approvers(pull)).toEqual([pull.other.login]);
  });

  test("an older GitLab tells their times in its own notes, and one without times does not count", async () => {
    const pull = await opened();
    forgeOf(pull).tellsApprovalTimes = false;
    await pull.repo.review(pull.number, "approved", pull.other.id);
    expect(await approvers(pull)).toEqual([pull.other.login]);
    await pull.repo.push("feature", { "c.tf": "" });
    expect(await approvers(pull)).toEqual([]);
    await pull.repo.review(pull.number, "approved", pull.other.id);
    expect(await approvers(pull)).toEqual([pull.other.login]);
    requestOf(pull).notes.length = 0;
    expect(await approvers(pull)).toEqual([]);
  });

  test("a person who writes what GitLab writes of an approval gives none", async () => {
    const pull = await opened();
    forgeOf(pull).tellsApprovalTimes = false;
    await pull.repo.review(pull.number, "approved", pull.other.id);
    await pull.repo.push("feature", { "c.tf": "" });
    await pull.repo.comment(pull.number, "approved this merge request", pull.other.id);
    expect(await approvers(pull)).toEqual([]);
  });
});

describe("people", () => {
  test("a role counts from any group above, in a path of any depth, and guests have none", async () => {
    const { repo } = await opened();
    const { world } = harness.double;
    const top = scene.group(world, "acme");
    const nobody = { id: (await repo.person("far", "none")).id };
    const permission = () => value(vcs().permission(repo.ref, nobody.id));
    expect(await permission()).toBe("none");
    const levels = [
      [5, "none"],
      [10, "none"],
      [15, "none"],
      [20, "read"],
      [30, "write"],
      [40, "maintain"],
      [50, "admin"],
    ] as const;
    for (const [level, expected] of levels) {
      top.members.set(Number(nobody.id), { level });
      expect(await permission()).toBe(expected);
    }
    top.members.set(Number(nobody.id), { level: 50, expiresAt: "2020-01-01" });
    expect(await permission()).toBe("none");
    top.members.set(Number(nobody.id), { level: 50 });
    present(world.users.get(Number(nobody.id)), "the user").state = "blocked";
    expect(await permission()).toBe("none");
  });

  test("a member of the group at the top is in no team below it", async () => {
    const { repo, author } = await opened();
    const { world } = harness.double;
    scene.group(world, "acme/security");
    scene.group(world, "acme").members.set(Number(author.id), { level: 50 });
    const isIn = (team: string) => value(vcs().teamMember(repo.ref, team, author.id));
    expect(await isIn("security")).toBe(false);
    scene.group(world, "acme/platform/ops").members.set(Number(author.id), { level: 10 });
    expect(await isIn("platform/ops")).toBe(true);
    expect(await isIn("ops")).toBe(false);
    expect(await isIn("../other")).toBe(false);
  });

  test("S15 a project that moved is known by its id, and its teams are those where it is now", async () => {
    const { repo, author } = await opened();
    const { world } = harness.double;
    scene.group(world, "other/sre").members.set(Number(author.id), { level: 30 });
    const project = harness.projectOf(repo.ref);
    const before = project.path;
    project.path = "other/deep/infra";
    expect(await value(vcs().teamMember(repo.ref, "sre", author.id))).toBe(true);
    project.path = before;
    expect(await value(vcs().teamMember(repo.ref, "sre", author.id))).toBe(false);
  });

  test("S25 people are asked for a review once; groups, authors, strangers and whom the plan leaves out are told", async () => {
    const pull = await opened();
    const third = await pull.repo.person("cyd", "write");
    forgeOf(pull).reviewersMax = 1;
    const users = [pull.other.login, pull.author.login, "nobody-at-all", third.login];
    const ask = () =>
      value(vcs().askReviewers(pull.repo.ref, pull.number, { users, teams: ["security"] }));
    const unasked = (await ask()).map(({ name }) => name);
    expect(unasked.toSorted()).toEqual(
      ["team:security", "user:ada", "user:cyd", "user:nobody-at-all"].toSorted(),
    );
    await ask();
    expect(await value(vcs().openReviews(pull.repo.ref, pull.number))).toEqual([pull.other.login]);
  });

  test("approvals that the project's rules want are outstanding", async () => {
    const pull = await opened();
    forgeOf(pull).approvalsRequired = 1;
    const open = () => value(vcs().openReviews(pull.repo.ref, pull.number));
    expect(await open()).toEqual(["an approval that the project's rules want"]);
    await pull.repo.review(pull.number, "approved", pull.other.id);
    expect(await open()).toEqual([]);
  });
});

describe("code", () => {
  test("a comparison that GitLab cuts is made from the trees", async () => {
    const pull = await opened({
      base: { "a.tf": "a\n", "old.tf": "moved\n", "gone.tf": "gone\n", empty: "" },
      change: {
        "a.tf": "b\n",
        "old.tf": null,
        "new.tf": "moved\n",
        "gone.tf": null,
        empty: null,
        blank: "",
      },
    });
    forgeOf(pull).comparedFilesMax = 2;
    const base = await tip(pull.repo, "main");
    const expected = [
      { kind: "modified", path: "a.tf" },
      { kind: "renamed", from: "old.tf", to: "new.tf" },
      { kind: "deleted", path: "gone.tf" },
      { kind: "deleted", path: "empty" },
      { kind: "added", path: "blank" },
    ];
    await pull.repo.push("main", { "gained.tf": "" });
    const range = { base: await tip(pull.repo, "main"), head: pull.head };
    const since = await value(vcs().changes(pull.repo.ref, { ...range, direct: false }));
    expect(new Set(since)).toEqual(new Set(expected));
    const direct = await value(vcs().changes(pull.repo.ref, { ...range, base, direct: true }));
    expect(new Set(direct)).toEqual(new Set(expected));
  });

  test("a submodule that moves on is seen where a comparison is made from the trees", async () => {
    const pull = await opened();
    const at = (digit: string) => digit.repeat(40) as CommitSha;
    forgeOf(pull).comparedFilesMax = 0;
    const base = await pull.repo.pushSubmodule("feature", "modules/net", at("1"));
    const head = await pull.repo.pushSubmodule("feature", "modules/net", at("2"));
    const changes = await value(vcs().changes(pull.repo.ref, { base, head, direct: true }));
    expect(changes).toEqual([{ kind: "modified", path: "modules/net" }]);
    expect(await value(vcs().tree(pull.repo.ref, head))).not.toContain("modules/net");
  });

  test("histories that share nothing differ in everything", async () => {
    const { repo, head } = await opened();
    const project = harness.projectOf(repo.ref);
    const by = present(harness.double.world.users.values().next().value, "somebody");
    await scene.pushOrphan(harness.double.world, project, by, "orphan", { "z.tf": "z\n" });
    const range = { base: head, head: await tip(repo, "orphan"), direct: false };
    expect(new Set(await value(vcs().changes(repo.ref, range)))).toEqual(
      new Set([
        { kind: "deleted", path: "a.tf" },
        { kind: "deleted", path: "b.tf" },
        { kind: "added", path: "z.tf" },
      ]),
    );
  });

  test("a tree of several pages is whole", async () => {
    const paths = Array.from({ length: 250 }, (_, n) => `stack-${n % 7}/file-${n}.tf`);
    const { repo, head } = await opened({
      change: Object.fromEntries(paths.map((path) => [path, path])),
    });
    const tree = await value(vcs().tree(repo.ref, head));
    expect(tree.toSorted()).toEqual(["a.tf", ...paths].toSorted());
  });
});

describe("what we write", () => {
  test("a slash at the beginning of a line is no command of ours", async () => {
    const { repo, number } = await opened();
    const markdown = "/merge\n\n```\n  /close\n/approve\n```\npath a/b";
    const draft = { key: "sticky", markdown, externalId: undefined };
    await value(vcs().putComment(repo.ref, number, draft));
    const [seen] = await repo.comments(number);
    expect(seen?.body.replaceAll("\u200B", "")).toContain(markdown);
    expect(seen?.body).not.toMatch(/^\s*\//m);
    const issue = {
      title: "Drift",
      body: "/close",
      dedupe: "1".repeat(64),
      about: ["a".repeat(12)],
    };
    await value(vcs().putIssues(repo.ref, [issue]));
    expect((await repo.issues())[0]?.body).toMatch(/^\u200B\/close/);
  });

  function check(pull: OpenedPull, status: CheckDraft["status"], title: string): CheckDraft {
    return {
      name: "terrane apply",
      commit: pull.head,
      number: pull.number,
      buttons: [],
      status,
      conclusion: status === "completed" ? "action_required" : undefined,
      title,
      summary: "",
      detailsUrl: undefined,
      externalId: undefined,
    };
  }

  test("S25 a status that is there already is no failure, and what runs can wait again", async () => {
    const pull = await opened();
    const put = (status: CheckDraft["status"], title: string) =>
      value(vcs().putCheck(pull.repo.ref, check(pull, status, title)));
    const first = await put("queued", "one");
    expect(await put("queued", "one")).toBe(first);
    expect(await put("in_progress", "two")).toBe(first);
    expect(await put("in_progress", "two")).toBe(first);
    await put("queued", "three");
    const [waiting, ...more] = await pull.repo.checks(pull.head);
    expect(more).toEqual([]);
    expect(waiting).toMatchObject({ status: "queued", title: "three" });
    await put("completed", "four");
    expect(await pull.repo.checks(pull.head)).toMatchObject([{ conclusion: "failure" }]);
  });

  test("S17 the status of a fork's commit is no status of a branch of ours", async () => {
    const { repo } = await opened();
    const eve = await repo.person("eve", "read");
    const fork = present(repo.openFromFork, "forks");
    const number = await fork({ by: eve.id, files: { "evil.tf": "" }, title: "From afar" });
    const { headSha } = await value(vcs().pullRequest(repo.ref, number));
    const draft = { ...check({ repo, number, head: headSha } as OpenedPull, "queued", "") };
    await value(vcs().putCheck(repo.ref, draft));
    const { statuses } = harness.projectOf(repo.ref).forge;
    expect(statuses.map(({ ref }) => ref)).toEqual([`refs/merge-requests/${number}/head`]);
  });
});

describe("merging", () => {
  test("rebase is refused where the project makes merge commits, and moves the branch where it does not", async () => {
    const pull = await opened();
    const merge = (method: "rebase" | "squash") =>
      vcs().merge(pull.repo.ref, pull.number, { head: pull.head, method });
    expect(await failure(merge("rebase"))).toBe("rejected");
    forgeOf(pull).mergeMethod = "ff";
    expect(await value(merge("rebase"))).toBe(pull.head);
    const view = await value(vcs().pullRequest(pull.repo.ref, pull.number));
    expect(view).toMatchObject({ state: "merged", mergeSha: pull.head });
    const range = { base: present(view.merged, "a merge").onto, head: pull.head, direct: false };
    expect(await value(vcs().changes(pull.repo.ref, range))).toEqual([
      { kind: "added", path: "b.tf" },
    ]);
  });

  test("what is in the way is said in GitLab's word, and what passes by itself is tried again", async () => {
    const pull = await opened();
    forgeOf(pull).approvalsRequired = 1;
    const request = { head: pull.head, method: "merge" } as const;
    const refused = await vcs().merge(pull.repo.ref, pull.number, request);
    expect(refused).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("not_approved"),
    });
    forgeOf(pull).stillRunning = true;
    expect(await vcs().merge(pull.repo.ref, pull.number, request)).toMatchObject({
      kind: "unavailable",
      retryAfterMs: 15_000,
    });
  });
});

describe("webhooks", () => {
  test("a webhook whose answers fail is switched off, so ours never do", async () => {
    const { repo, number, other } = await opened();
    const { world } = harness.double;
    const project = harness.projectOf(repo.ref);
    for (const event of ["Emoji Hook", "Wiki Page Hook", "Member Hook", "Merge Request Hook"]) {
      world.deliveries.emit(world, project, event, { object_kind: "strange", nonsense: number });
    }
    await harness.events(repo.ref);
    const [ours] = project.forge.hooks;
    expect(ours).toMatchObject({ failures: 0, disabledUntil: undefined });
    const broken = scene.addHook(world, project, { url: `${harness.double.url}/nowhere` });
    for (let n = 0; n < DISABLED_AFTER; n++) await repo.comment(number, `note ${n}`, other.id);
    await harness.events(repo.ref);
    expect(broken.disabledUntil).toBeInstanceOf(Date);
    expect(ours?.failures).toBe(0);
  });

  test("S15 events of a project in a group of any depth carry its id and its whole path", async () => {
    const repo = await harness.createRepository(
      { "a.tf": "" },
      { owner: "acme/b/c", name: "deep" },
    );
    await repo.push("main", { "b.tf": "" });
    const [event] = await harness.events(repo.ref);
    expect(event?.repository).toMatchObject({ id: repo.ref.id, fullName: "acme/b/c/deep" });
  });
});

test("nobody is nobody, also by an id that is none", async () => {
  const { repo } = await opened();
  expect(await value(vcs().permission(repo.ref, "../1" as AccountId))).toBe("none");
});

test("one label of ours takes the place of another, and those of others stay", async () => {
  const pull = await opened();
  const request = requestOf(pull);
  const label = (name: string, instead: readonly string[]) =>
    value(
      vcs().putLabel?.(pull.repo.ref, pull.number, { name, instead }) ??
        Promise.reject(new Error("no labels")),
    );
  await label("terrane: to apply", []);
  request.labels = ["urgent", ...request.labels];
  await label("terrane: applied", ["terrane: to apply", "terrane: failed"]);
  expect(request.labels).toEqual(["urgent", "terrane: applied"]);
});
