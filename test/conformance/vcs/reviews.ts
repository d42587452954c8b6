import { expect } from "vitest";
import { approversOf } from "../../../src/core/pull-request.ts";
import { accountIds, failure, NO_NUMBER, openedPull, type VcsRule, value } from "./rule.ts";

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
    name: "S25 whoever a gate names is asked for a review once, and those who cannot be are told",
    async check(world) {
      const { repo, number, author, other } = await openedPull(world);
      await repo.putInTeam("security", other.id, true);
      const wanted = { users: [other.login, author.login, "nobody-at-all"], teams: ["security"] };
      const ask = () => value(world.vcs.askReviewers(repo.ref, number, wanted));
      const unasked = (await ask()).map(({ name }) => name);
      expect(unasked).toEqual([`user:${author.login}`, "user:nobody-at-all"]);
      expect((await ask()).map(({ name }) => name)).toEqual(unasked);
      const open = await value(world.vcs.openReviews(repo.ref, number));
      expect(open.toSorted()).toEqual([other.login, "team security"]);
      const alone = { users: ["nobody-at-all"], teams: [] };
      expect(await value(world.vcs.askReviewers(repo.ref, number, alone))).toHaveLength(1);
    },
  },
  {
    name: "nobody is asked to review a pull request that does not exist",
    async check(world) {
      const { repo, other } = await openedPull(world);
      const wanted = { users: [other.login], teams: [] };
      expect(await failure(world.vcs.askReviewers(repo.ref, NO_NUMBER, wanted))).toBe("not_found");
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
