import { expect } from "vitest";
import { present } from "../../../src/base/assert.ts";
import type { AccountId } from "../../../src/core/ids.ts";
import type { CheckDraft } from "../../../src/ports/vcs.ts";
import { failure, NO_COMMIT, NO_NUMBER, openedPull, type VcsRule, value } from "./rule.ts";

/** What rules about people and checks ask. */
export const accessRules: readonly VcsRule[] = [
  {
    name: "a person is in a team until taken out of it, however its name is typed",
    async check(world) {
      const { repo, author, other } = await openedPull(world);
      const isIn = (team: string, who: AccountId) =>
        value(world.vcs.teamMember(repo.ref, team, who));
      await repo.putInTeam("platform-ops", author.id, true);
      expect(await isIn("platform-ops", author.id)).toBe(true);
      expect(await isIn("Platform-Ops", author.id)).toBe(true);
      expect(await isIn("platform-ops", other.id)).toBe(false);
      await repo.putInTeam("platform-ops", author.id, false);
      expect(await isIn("platform-ops", author.id)).toBe(false);
    },
  },
  {
    name: "a team that does not exist has nobody, and nobody is in no team",
    async check(world) {
      const { repo, author } = await openedPull(world);
      expect(await value(world.vcs.teamMember(repo.ref, "no-such-team", author.id))).toBe(false);
      await repo.putInTeam("some-team", author.id, true);
      const nobody = "999999999" as AccountId;
      expect(await value(world.vcs.teamMember(repo.ref, "some-team", nobody))).toBe(false);
    },
  },
  {
    name: "our own checks are not among the checks of a commit",
    async check(world) {
      const { repo, head } = await openedPull(world);
      const draft: CheckDraft = {
        name: "terrane apply",
        commit: head,
        status: "in_progress",
        conclusion: undefined,
        title: "Waiting",
        summary: "",
        number: 1,
        buttons: ["plan", "why"],
        detailsUrl: undefined,
        externalId: undefined,
      };
      await value(world.vcs.putCheck(repo.ref, draft));
      expect(await value(world.vcs.checks(repo.ref, head))).toEqual([]);
    },
  },
  {
    name: "checks of others are told as passed, pending or failed",
    async check(world) {
      const { repo, head } = await openedPull(world);
      const put = present(repo.foreignCheck, "others put checks here");
      await put(head, { name: "lint", state: "passed" });
      await put(head, { name: "build", state: "pending" });
      await put(head, { name: "scan", state: "failed" });
      const checks = await value(world.vcs.checks(repo.ref, head));
      expect(checks.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: "build", state: "pending" },
        { name: "lint", state: "passed" },
        { name: "scan", state: "failed" },
      ]);
    },
  },
  {
    name: "of checks of the same name the newest counts",
    async check(world) {
      const { repo, head } = await openedPull(world);
      const put = present(repo.foreignCheck, "others put checks here");
      await put(head, { name: "build", state: "failed" });
      await put(head, { name: "build", state: "passed" });
      expect(await value(world.vcs.checks(repo.ref, head))).toEqual([
        { name: "build", state: "passed" },
      ]);
    },
  },
  {
    name: "the checks of a commit that does not exist are no empty list",
    async check(world) {
      const { repo } = await openedPull(world);
      expect(await failure(world.vcs.checks(repo.ref, NO_COMMIT))).toMatch(/not_found|rejected/);
    },
  },
  {
    name: "without requests and rules no review is outstanding",
    async check(world) {
      const { repo, number } = await openedPull(world);
      expect(await value(world.vcs.openReviews(repo.ref, number))).toEqual([]);
      expect(await failure(world.vcs.openReviews(repo.ref, NO_NUMBER))).toBe("not_found");
    },
  },
  {
    name: "a requested review is outstanding until it is given",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const request = present(repo.requestReview, "reviews are asked for here");
      await request(number, other.id);
      expect(await value(world.vcs.openReviews(repo.ref, number))).toEqual([other.login]);
      await repo.review(number, "approved", other.id);
      expect(await value(world.vcs.openReviews(repo.ref, number))).toEqual([]);
    },
  },
];
