import { expect } from "vitest";
import type { LeftIssue } from "../../../src/core/run/issue.ts";
import { failure, nowhere, openedPull, type VcsRule, value } from "./rule.ts";

const [NET, DB, DNS] = ["a".repeat(12), "b".repeat(12), "c".repeat(12)] as const;

function drift(about: readonly string[], told: string): LeftIssue {
  const dedupe = told.padEnd(64, "0");
  return { title: `Drift ${told}`, body: `what drifted: ${told}`, dedupe, about };
}

export const issueRules: readonly VcsRule[] = [
  {
    name: "S25 the same issues wished for twice are opened once",
    async check(world) {
      const { repo } = await openedPull(world);
      const wished = [drift([NET], "1"), drift([DB], "2")];
      await value(world.vcs.putIssues(repo.ref, wished));
      await value(world.vcs.putIssues(repo.ref, wished));
      const seen = await repo.issues();
      expect(seen.map(({ title, open }) => ({ title, open }))).toEqual([
        { title: "Drift 1", open: true },
        { title: "Drift 2", open: true },
      ]);
      expect(seen[0]?.body).toContain("what drifted: 1");
    },
  },
  {
    name: "an issue about some of the same tells the news instead of a second one, as long as it is open",
    async check(world) {
      const { repo, other } = await openedPull(world);
      await value(world.vcs.putIssues(repo.ref, [drift([NET, DB], "1")]));
      await value(world.vcs.putIssues(repo.ref, [drift([DB, DNS], "2")]));
      const [first, ...more] = await repo.issues();
      expect(more).toEqual([]);
      expect(first?.title).toBe("Drift 2");
      expect(first?.body).toContain("what drifted: 2");
      await repo.closeIssue(first?.number ?? 0, other.id);
      await value(world.vcs.putIssues(repo.ref, [drift([DNS], "2")]));
      expect((await repo.issues()).map(({ open }) => open)).toEqual([false, true]);
    },
  },
  {
    name: "what one issue told of several is told by one for each from then on, and nothing is lost",
    async check(world) {
      const { repo } = await openedPull(world);
      await value(world.vcs.putIssues(repo.ref, [drift([NET, DB], "1")]));
      await value(world.vcs.putIssues(repo.ref, [drift([NET], "2"), drift([DB], "3")]));
      const seen = await repo.issues();
      expect(seen.map(({ title, open }) => ({ title, open }))).toEqual([
        { title: "Drift 2", open: true },
        { title: "Drift 3", open: true },
      ]);
    },
  },
  {
    name: "issues in a repository that does not exist are not found",
    async check(world) {
      const { repo } = await openedPull(world);
      const put = world.vcs.putIssues(nowhere(repo.ref), [drift([NET], "1")]);
      expect(await failure(put)).toBe("not_found");
    },
  },
];
