import { expect } from "vitest";
import type { MergeRequest } from "../../../src/ports/vcs.ts";
import {
  failure,
  NO_COMMIT,
  NO_NUMBER,
  openedPull,
  tip,
  type VcsRule,
  type VcsWorld,
  value,
} from "./rule.ts";

export const mergeRules: readonly VcsRule[] = [
  ...(["merge", "squash", "rebase"] as const).map(
    (method): VcsRule => ({
      name: `${method}: both sides are on the base branch afterwards`,
      check: (world) => checkMerge(world, method),
    }),
  ),
  {
    name: "S25 merging what is merged already succeeds with the same commit",
    async check(world) {
      const { repo, number, head: headSha } = await openedPull(world);
      const request = { head: headSha, method: "squash" } as const;
      const commit = await value(world.vcs.merge(repo.ref, number, request));
      const later = await repo.push(repo.defaultBranch, { "later.tf": "" });
      expect(await value(world.vcs.merge(repo.ref, number, request))).toBe(commit);
      expect(await tip(repo, repo.defaultBranch)).toBe(later);
    },
  },
  {
    name: "what a person merged counts as merged",
    async check(world) {
      const { repo, number, other, head: headSha } = await openedPull(world);
      await repo.merge(number, other.id);
      const request = { head: headSha, method: "merge" } as const;
      const commit = await value(world.vcs.merge(repo.ref, number, request));
      expect(commit).toBe(await tip(repo, repo.defaultBranch));
    },
  },
  {
    name: "S10 a head that moved is not merged",
    async check(world) {
      const { repo, number, head: reviewed } = await openedPull(world);
      const main = await tip(repo, repo.defaultBranch);
      await repo.push("feature", { "sneaked-in.tf": "" });
      for (const commit of [reviewed, NO_COMMIT]) {
        const request = { head: commit, method: "merge" } as const;
        expect(await failure(world.vcs.merge(repo.ref, number, request))).toBe("rejected");
      }
      expect(await tip(repo, repo.defaultBranch)).toBe(main);
      expect((await value(world.vcs.pullRequest(repo.ref, number))).state).toBe("open");
    },
  },
  {
    name: "a conflict is not merged",
    async check(world) {
      const {
        repo,
        number,
        head: headSha,
      } = await openedPull(world, {
        change: { "a.tf": "a = 2\n" },
      });
      const main = await repo.push(repo.defaultBranch, { "a.tf": "a = 3\n" });
      for (const method of ["merge", "squash", "rebase"] as const) {
        const request = { head: headSha, method };
        expect(await failure(world.vcs.merge(repo.ref, number, request))).toBe("rejected");
      }
      expect(await tip(repo, repo.defaultBranch)).toBe(main);
    },
  },
  {
    name: "a closed pull request and a draft are not merged",
    async check(world) {
      const { repo, number, author, head: headSha } = await openedPull(world, { draft: true });
      const request = { head: headSha, method: "merge" } as const;
      expect(await failure(world.vcs.merge(repo.ref, number, request))).toBe("rejected");
      await repo.setDraft(number, false, author.id);
      await repo.close(number, author.id);
      expect(await failure(world.vcs.merge(repo.ref, number, request))).toBe("rejected");
    },
  },
  {
    name: "a merge by whatever the repository allows gets the title that it is given",
    async check(world) {
      const { repo, number, head: headSha } = await openedPull(world);
      const request = { head: headSha, method: "auto", title: "Terrane automerge #1" } as const;
      const commit = await value(world.vcs.merge(repo.ref, number, request));
      expect(commit).toBe(await tip(repo, repo.defaultBranch));
    },
  },
  {
    name: "S25 a branch is deleted at the commit that was merged, and once more without harm",
    async check(world) {
      const { repo, number, head: headSha } = await openedPull(world);
      await value(world.vcs.merge(repo.ref, number, { head: headSha, method: "squash" }));
      const branch = { name: "feature", at: headSha };
      await value(world.vcs.deleteBranch(repo.ref, branch));
      expect(await failure(world.vcs.branch(repo.ref, "feature"))).toBe("not_found");
      await value(world.vcs.deleteBranch(repo.ref, branch));
      expect((await value(world.vcs.pullRequest(repo.ref, number))).state).toBe("merged");
    },
  },
  {
    name: "a branch that moved on, one of an open pull request and the default branch stay",
    async check(world) {
      const { repo, number, author, head: headSha } = await openedPull(world);
      const at = { name: "feature", at: headSha };
      expect(await failure(world.vcs.deleteBranch(repo.ref, at))).toBe("rejected");
      await repo.close(number, author.id);
      const moved = await repo.push("feature", { "later.tf": "" });
      expect(await failure(world.vcs.deleteBranch(repo.ref, at))).toBe("rejected");
      expect(await tip(repo, "feature")).toBe(moved);
      const main = await tip(repo, repo.defaultBranch);
      const trunk = { name: repo.defaultBranch, at: main };
      expect(await failure(world.vcs.deleteBranch(repo.ref, trunk))).toBe("rejected");
      expect(await tip(repo, repo.defaultBranch)).toBe(main);
    },
  },
  {
    name: "a branch onto which another open pull request goes stays, and the reason names that one",
    async check(world) {
      const { repo, number, author, head: headSha } = await openedPull(world);
      await repo.push("feature-2", { "c.tf": "c = 1\n" }, { from: "feature" });
      const stacked = await repo.open({
        head: "feature-2",
        base: "feature",
        title: "Add c",
        by: author.id,
      });
      await value(world.vcs.merge(repo.ref, number, { head: headSha, method: "squash" }));
      const at = { name: "feature", at: headSha };
      const kept = await world.vcs.deleteBranch(repo.ref, at);
      expect(kept).toMatchObject({
        kind: "rejected",
        message: expect.stringMatching(new RegExp(`[#!]${stacked}\\b`)),
      });
      expect(await tip(repo, "feature")).toBe(headSha);
      expect((await value(world.vcs.pullRequest(repo.ref, stacked))).state).toBe("open");
      await repo.close(stacked, author.id);
      await value(world.vcs.deleteBranch(repo.ref, at));
    },
  },
  {
    name: "a pull request that does not exist is not merged",
    async check(world) {
      const { repo, head: headSha } = await openedPull(world);
      const request = { head: headSha, method: "merge" } as const;
      expect(await failure(world.vcs.merge(repo.ref, NO_NUMBER, request))).toBe("not_found");
    },
  },
];

async function checkMerge(world: VcsWorld, method: MergeRequest["method"]): Promise<void> {
  const { repo, number } = await openedPull(world);
  await repo.push(repo.defaultBranch, { "c.tf": "c = 1\n" });
  const last = await repo.push("feature", { "d.tf": "d = 1\n" });
  const request = { head: last, method };
  const commit = await value(world.vcs.merge(repo.ref, number, request));
  expect(await tip(repo, repo.defaultBranch)).toBe(commit);
  for (const name of ["b", "c", "d"]) {
    expect(await repo.read(repo.defaultBranch, `${name}.tf`)).toBe(`${name} = 1\n`);
  }
  expect(await value(world.vcs.pullRequest(repo.ref, number))).toMatchObject({
    state: "merged",
    mergeSha: commit,
  });
}
