import { expect } from "vitest";
import type { VcsRepository } from "../vcs-harness.ts";
import { happened, openedPull, tip, type VcsRule, type VcsWorld, value } from "./rule.ts";

export const eventRules: readonly VcsRule[] = [
  {
    name: "an opened pull request is told, with the repository as the VCS knows it",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const events = await world.harness.events(repo.ref);
      const opened = events.filter((event) => event.what.kind === "pull_request");
      expect(opened).toMatchObject([
        {
          installation: repo.ref.installation,
          repository: {
            id: repo.ref.id,
            fullName: repo.ref.fullName,
            defaultBranch: repo.defaultBranch,
          },
          what: { kind: "pull_request", number, action: "opened" },
        },
      ]);
    },
  },
  {
    name: "a push is told for its branch and for the pull request whose head it moves",
    async check(world) {
      const { repo, number } = await openedPull(world);
      await world.harness.events(repo.ref);
      const after = await repo.push("feature", { "c.tf": "" });
      const events = await happened(world, repo);
      expect(events).toContainEqual({ kind: "branch_pushed", branch: "feature", after });
      expect(actions(events, number)).toEqual(["opened", "pushed"]);
    },
  },
  {
    name: "a push to the default branch is told and moves no pull request",
    async check(world) {
      const { repo, number } = await openedPull(world);
      await world.harness.events(repo.ref);
      const after = await repo.push(repo.defaultBranch, { "c.tf": "" });
      const events = await happened(world, repo);
      const branch = repo.defaultBranch;
      expect(events).toContainEqual({ kind: "branch_pushed", branch, after });
      expect(actions(events, number)).toEqual(["opened"]);
    },
  },
  {
    name: "closing, reopening, drafting, readying and retitling are told",
    async check(world) {
      const { repo, number, author } = await openedPull(world);
      const acts = [
        () => repo.close(number, author.id),
        () => repo.reopen(number, author.id),
        () => repo.setDraft(number, true, author.id),
        () => repo.setDraft(number, false, author.id),
        () => repo.setTitle(number, "Another title", author.id),
      ];
      for (const act of acts) {
        await act();
        await world.harness.events(repo.ref);
      }
      expect(actions(await happened(world, repo), number)).toEqual([
        "opened",
        "closed",
        "reopened",
        "draft",
        "ready",
        "edited",
      ]);
    },
  },
  {
    name: "a merge is told as closed, and as a push to the base branch",
    async check(world) {
      const { repo, number, head: headSha } = await openedPull(world);
      await world.harness.events(repo.ref);
      const request = { head: headSha, method: "merge" } as const;
      const after = await value(world.vcs.merge(repo.ref, number, request));
      await expectMergeTold(world, repo, number, after);
    },
  },
  {
    name: "a merge by a person is told alike",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      await world.harness.events(repo.ref);
      await repo.merge(number, other.id);
      await expectMergeTold(world, repo, number, await tip(repo, repo.defaultBranch));
    },
  },
  {
    name: "S15 a comment is told with its author's account and its text",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const body = "terrane plan\n\n> “quoted” 🎉 <b>&amp;\n";
      const commentId = await repo.comment(number, body, other.id);
      const told = (await happened(world, repo)).filter((what) => what.kind === "comment");
      expect(told).toEqual([{ kind: "comment", number, commentId, author: other, body }]);
    },
  },
  {
    name: "an approval and its dismissal are told",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const admin = await repo.person("root", "admin");
      await repo.review(number, "approved", other.id);
      await world.harness.events(repo.ref);
      await repo.dismissReview(number, other.id, admin.id);
      const told = (await happened(world, repo)).filter((what) => what.kind === "review");
      expect(told).toEqual([
        { kind: "review", number },
        { kind: "review", number },
      ]);
    },
  },
  {
    name: "S22 what is delivered again carries the same delivery id and says the same",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      await repo.comment(number, "terrane plan", other.id);
      await repo.review(number, "approved", other.id);
      const first = await world.harness.events(repo.ref);
      const again = await world.harness.redeliver(repo.ref);
      expect(first.length).toBeGreaterThanOrEqual(3);
      expect(new Set(first.map((event) => event.deliveryId)).size).toBe(first.length);
      expect(byId(again)).toEqual(byId(first));
    },
  },
];

function actions(events: Awaited<ReturnType<typeof happened>>, number: number): readonly string[] {
  return events.flatMap((what) =>
    what.kind === "pull_request" && what.number === number ? [what.action] : [],
  );
}

function byId(events: Awaited<ReturnType<VcsWorld["harness"]["events"]>>): unknown {
  return events.toSorted((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
}

async function expectMergeTold(
  world: VcsWorld,
  repo: VcsRepository,
  number: number,
  after: string,
): Promise<void> {
  const events = await happened(world, repo);
  expect(actions(events, number)).toEqual(["opened", "closed"]);
  expect(events).toContainEqual({ kind: "branch_pushed", branch: repo.defaultBranch, after });
}
