import { expect } from "vitest";
import type { VcsRule } from "./rule.ts";
import { failure, NO_NUMBER, nowhere, openedPull, settledView, tip, value } from "./rule.ts";

export const pullRequestRules: readonly VcsRule[] = [
  {
    name: "an open pull request is seen with its author, branches, commits and default branch",
    async check(world) {
      const { repo, number, author, head: headSha } = await openedPull(world);
      const main = await tip(repo, repo.defaultBranch);
      expect(await settledView(world, repo, number)).toMatchObject({
        number,
        title: "Add b",
        author,
        state: "open",
        draft: false,
        fromFork: false,
        headRef: "feature",
        headSha,
        baseRef: repo.defaultBranch,
        baseSha: main,
        defaultBranch: repo.defaultBranch,
        defaultBranchSha: main,
        mergeable: "clean",
        mergeSha: undefined,
        reviews: [],
      });
    },
  },
  {
    name: "a pull request number that does not exist is not found",
    async check(world) {
      const repo = await world.harness.createRepository({ "a.tf": "" });
      expect(await failure(world.vcs.pullRequest(repo.ref, NO_NUMBER))).toBe("not_found");
    },
  },
  {
    name: "a repository that does not exist is not found",
    async check({ harness, vcs }) {
      const { ref } = await harness.createRepository({ "a.tf": "" });
      expect(await failure(vcs.pullRequest(nowhere(ref), 1))).toBe("not_found");
      expect(await failure(vcs.openPullRequests(nowhere(ref)))).toBe("not_found");
    },
  },
  {
    name: "the list of open pull requests holds the open ones and no others",
    async check(world) {
      const { repo, number, author } = await openedPull(world);
      await repo.push("second", { "c.tf": "" });
      await repo.push("third", { "d.tf": "" });
      const second = await repo.open({ head: "second", title: "Second", by: author.id });
      const third = await repo.open({ head: "third", title: "Third", draft: true, by: author.id });
      await repo.close(second, author.id);
      const open = await value(world.vcs.openPullRequests(repo.ref));
      expect(open.map((one) => one.number).toSorted((a, b) => a - b)).toEqual([number, third]);
      const heads = new Map(open.map((one) => [one.number, one.head]));
      expect(heads.get(third)).toBe(await tip(repo, "third"));
    },
  },
  {
    name: "the list of what was merged holds that and nothing else, where there is one",
    async check(world) {
      const { repo, number, author, head } = await openedPull(world);
      await repo.push("second", { "c.tf": "" });
      const second = await repo.open({ head: "second", title: "Second", by: author.id });
      await repo.close(second, author.id);
      await value(world.vcs.merge(repo.ref, number, { head, method: "merge" }));
      if (world.vcs.mergedPullRequests === undefined) return;
      expect(await value(world.vcs.mergedPullRequests(repo.ref))).toEqual([number]);
    },
  },
  {
    name: "a push to the head branch moves the head and nothing else",
    async check(world) {
      const { repo, number, head: before } = await openedPull(world);
      const main = await tip(repo, repo.defaultBranch);
      const after = await repo.push("feature", { "c.tf": "" });
      expect(after).not.toBe(before);
      const view = await value(world.vcs.pullRequest(repo.ref, number));
      expect(view).toMatchObject({ headSha: after, baseSha: main });
    },
  },
  {
    name: "a forced push moves the head",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const after = await repo.push("feature", { "b.tf": "b = 2\n" }, { amend: true });
      expect((await value(world.vcs.pullRequest(repo.ref, number))).headSha).toBe(after);
    },
  },
  {
    name: "a push to the base branch moves the base as it is seen now",
    async check(world) {
      const { repo, number, head: headSha } = await openedPull(world);
      const main = await repo.push(repo.defaultBranch, { "z.tf": "" });
      const view = await value(world.vcs.pullRequest(repo.ref, number));
      expect(view).toMatchObject({ headSha, baseSha: main, defaultBranchSha: main });
    },
  },
  {
    name: "a pull request into another branch names that base beside the default branch",
    async check(world) {
      const { repo, author } = await openedPull(world);
      const release = await repo.push("release", { "r.tf": "" });
      await repo.push("fix", { "f.tf": "" }, { from: "release" });
      const number = await repo.open({
        head: "fix",
        base: "release",
        title: "Fix",
        by: author.id,
      });
      expect(await value(world.vcs.pullRequest(repo.ref, number))).toMatchObject({
        baseRef: "release",
        baseSha: release,
        defaultBranch: repo.defaultBranch,
        defaultBranchSha: await tip(repo, repo.defaultBranch),
      });
    },
  },
  {
    name: "a pull request whose head branch is deleted answers with its last known head",
    async check(world) {
      const { repo, number, head: headSha } = await openedPull(world);
      await world.harness.events(repo.ref);
      await repo.deleteBranch("feature");
      await world.harness.events(repo.ref);
      const view = await value(world.vcs.pullRequest(repo.ref, number));
      expect(view).toMatchObject({ headRef: "feature", headSha, mergeSha: undefined });
    },
  },
  {
    name: "a conflict with the base is seen, and is gone once it is resolved",
    async check(world) {
      const { repo, number } = await openedPull(world, { change: { "a.tf": "a = 2\n" } });
      const main = await repo.push(repo.defaultBranch, { "a.tf": "a = 3\n" });
      expect((await settledView(world, repo, number)).mergeable).toBe("conflict");
      await repo.push(repo.defaultBranch, { "a.tf": "a = 1\n" });
      const view = await settledView(world, repo, number);
      expect(view.mergeable).toBe("clean");
      expect(view.baseSha).not.toBe(main);
    },
  },
  {
    name: "a draft is seen as a draft until it is ready",
    async check(world) {
      const { repo, number, author } = await openedPull(world, { draft: true });
      const draft = async () => (await value(world.vcs.pullRequest(repo.ref, number))).draft;
      expect(await draft()).toBe(true);
      await repo.setDraft(number, false, author.id);
      expect(await draft()).toBe(false);
      await repo.setDraft(number, true, author.id);
      expect(await draft()).toBe(true);
    },
  },
  {
    name: "an edited title is seen",
    async check(world) {
      const { repo, number, author } = await openedPull(world);
      const title = "Add “b” <b> & `c` — 🎉";
      await repo.setTitle(number, title, author.id);
      expect((await value(world.vcs.pullRequest(repo.ref, number))).title).toBe(title);
    },
  },
  {
    name: "a closed pull request is closed and not merged, and open again once reopened",
    async check(world) {
      const { repo, number, author } = await openedPull(world);
      await repo.close(number, author.id);
      const closed = await value(world.vcs.pullRequest(repo.ref, number));
      expect(closed).toMatchObject({ state: "closed", mergeSha: undefined });
      await repo.reopen(number, author.id);
      const reopened = await value(world.vcs.pullRequest(repo.ref, number));
      expect(reopened).toMatchObject({ state: "open", mergeSha: undefined });
    },
  },
  {
    name: "a pull request merged by a person names the commit on the base branch",
    async check(world) {
      const { repo, number, other, head: headSha } = await openedPull(world);
      await repo.merge(number, other.id);
      const view = await value(world.vcs.pullRequest(repo.ref, number));
      expect(view).toMatchObject({
        state: "merged",
        headSha,
        mergeSha: await tip(repo, repo.defaultBranch),
      });
      // What it changed can still be asked for (S21).
      const range = { base: view.merged?.onto ?? view.baseSha, head: headSha, direct: false };
      const changes = await value(world.vcs.changes(repo.ref, range));
      expect(changes).toContainEqual({ kind: "added", path: "b.tf" });
      expect(await repo.read(repo.defaultBranch, "b.tf")).toBe("b = 1\n");
    },
  },
  {
    name: "S17 a pull request from a fork is seen as one",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const stranger = await repo.person("eve", "read");
      if (repo.openFromFork === undefined) throw new Error("the harness cannot open from a fork");
      const files = { "evil.tf": "" };
      const number = await repo.openFromFork({ by: stranger.id, files, title: "From afar" });
      const view = await value(vcs.pullRequest(repo.ref, number));
      expect(view).toMatchObject({ fromFork: true, author: stranger });
    },
  },
];
