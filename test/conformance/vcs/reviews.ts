import { expect } from "vitest";
import { approversOf } from "../../../src/core/pull-request.ts";
import { accountIds, openedPull, type VcsRule, value } from "./rule.ts";

export const reviewRules: readonly VcsRule[] = [
  {
    name: "S14 an approval names the reviewer and the commit that was approved",
    async check(world) {
      const { repo, number, other, head } = await openedPull(world);
      await repo.review(number, "approved", other.id);
      const view = await value(world.vcs.pullRequest(repo.ref, number));
      expect(view.reviews).toEqual([{ reviewer: other, verdict: "approved", commit: head }]);
      expect(approversOf(view)).toEqual([other]);
    },
  },
  {
    name: "S14 an approval of an older commit does not follow a push",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      await repo.review(number, "approved", other.id);
      await repo.push("feature", { "c.tf": "" });
      expect(approversOf(await value(world.vcs.pullRequest(repo.ref, number)))).toEqual([]);
    },
  },
  {
    name: "the latest opinion of a reviewer replaces the earlier one",
    async check(world) {
      const { repo, number, other, head } = await openedPull(world);
      await repo.review(number, "approved", other.id);
      await repo.review(number, "changes_requested", other.id);
      const refused = await value(world.vcs.pullRequest(repo.ref, number));
      expect(refused.reviews).toEqual([
        { reviewer: other, verdict: "changes_requested", commit: head },
      ]);
      await repo.review(number, "approved", other.id);
      expect(approversOf(await value(world.vcs.pullRequest(repo.ref, number)))).toEqual([other]);
    },
  },
  {
    name: "the opinions of several reviewers stand side by side",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const third = await repo.person("cyd", "write");
      await repo.review(number, "approved", other.id);
      await repo.review(number, "changes_requested", third.id);
      const { reviews } = await value(world.vcs.pullRequest(repo.ref, number));
      expect(accountIds(reviews.map((review) => review.reviewer))).toEqual(
        accountIds([other, third]),
      );
      expect(reviews.find((review) => review.reviewer.id === third.id)?.verdict).toBe(
        "changes_requested",
      );
    },
  },
  {
    name: "S14 a dismissed approval counts no more",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const admin = await repo.person("root", "admin");
      await repo.review(number, "approved", other.id);
      await repo.dismissReview(number, other.id, admin.id);
      const view = await value(world.vcs.pullRequest(repo.ref, number));
      expect(view.reviews).toEqual([]);
    },
  },
];
