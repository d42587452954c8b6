import { expect } from "vitest";
import type { CommitSha } from "../../../src/core/ids.ts";
import type { CheckDraft, RepositoryRef } from "../../../src/ports/vcs.ts";
import {
  failure,
  NO_COMMIT,
  NO_NUMBER,
  openedPull,
  type VcsRule,
  type VcsWorld,
  value,
} from "./rule.ts";

export const writingRules: readonly VcsRule[] = [
  {
    name: "S25 a comment of the same key is edited, also when its id was lost",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const put = (markdown: string, externalId?: string) =>
        value(world.vcs.putComment(repo.ref, number, { key: "sticky:1", markdown, externalId }));
      const first = await put("one");
      expect(await put("two")).toBe(first);
      expect(await put("three", first)).toBe(first);
      const comments = await repo.comments(number);
      expect(comments).toHaveLength(1);
      expect(comments[0]?.id).toBe(first);
      expect(comments[0]?.body).toContain("three");
    },
  },
  {
    name: "comments of different keys and of different pull requests stand side by side",
    async check(world) {
      const { repo, number, author } = await openedPull(world);
      await repo.push("second", { "c.tf": "" });
      const second = await repo.open({ head: "second", title: "Second", by: author.id });
      const put = (to: number, key: string) =>
        value(world.vcs.putComment(repo.ref, to, { key, markdown: key, externalId: undefined }));
      const ids = [await put(number, "a"), await put(number, "a-b"), await put(second, "a")];
      expect(new Set(ids).size).toBe(3);
      expect(await repo.comments(number)).toHaveLength(2);
      expect(await repo.comments(second)).toHaveLength(1);
    },
  },
  {
    name: "S25 a person who quotes our comment takes nothing over",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const draft = { key: "sticky", markdown: "ours", externalId: undefined };
      const ours = await value(world.vcs.putComment(repo.ref, number, draft));
      const body = (await repo.comments(number))[0]?.body ?? "";
      await repo.comment(number, `${body} quoted`, other.id);
      const again = { ...draft, markdown: "ours again" };
      expect(await value(world.vcs.putComment(repo.ref, number, again))).toBe(ours);
      const bodies = (await repo.comments(number)).map((comment) => comment.body);
      expect(bodies.filter((each) => each.includes("quoted"))).toHaveLength(1);
    },
  },
  {
    name: "a comment of the greatest length is taken",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const markdown = "x".repeat(world.vcs.commentCharsMax);
      const draft = { key: "long", markdown, externalId: undefined };
      await value(world.vcs.putComment(repo.ref, number, draft));
      expect((await repo.comments(number))[0]?.body).toContain("x".repeat(1_000));
    },
  },
  {
    name: "a comment of which nobody can know yet is written without looking for it",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const draft = { key: "new", markdown: "text", externalId: undefined, isNew: true } as const;
      const id = await value(world.vcs.putComment(repo.ref, number, draft));
      expect((await repo.comments(number)).map((each) => each.id)).toEqual([id]);
    },
  },
  {
    name: "an older comment is taken out of sight, twice is fine, and who looks for it reads what it said",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const old = await putComment(world, repo.ref, number, "old");
      await putComment(world, repo.ref, number, "other");
      const hide = { key: "old", externalId: old, how: "hidden" } as const;
      await value(world.vcs.outdateComment(repo.ref, number, hide));
      const once = await repo.comments(number);
      await value(world.vcs.outdateComment(repo.ref, number, hide));
      expect(await repo.comments(number)).toEqual(once);
      expect(once.map(({ id, outdated }) => [id === old, outdated])).toEqual([
        [true, true],
        [false, undefined],
      ]);
      expect(once[0]?.body).toContain("text of old");
    },
  },
  {
    name: "an older comment is deleted, and twice is fine",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const old = await putComment(world, repo.ref, number, "old");
      const other = await putComment(world, repo.ref, number, "other");
      const remove = { key: "old", externalId: old, how: "deleted" } as const;
      await value(world.vcs.outdateComment(repo.ref, number, remove));
      await value(world.vcs.outdateComment(repo.ref, number, remove));
      expect((await repo.comments(number)).map(({ id }) => id)).toEqual([other]);
    },
  },
  {
    name: "S25 an older comment whose id was lost is found by its key, and only that one",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      await putComment(world, repo.ref, number, "one");
      await putComment(world, repo.ref, number, "two");
      await putComment(world, repo.ref, number, "three");
      const [quoted] = await repo.comments(number);
      await repo.comment(number, `${quoted?.body} quoted`, other.id);
      const outdate = (key: string, how: "hidden" | "deleted") =>
        value(world.vcs.outdateComment(repo.ref, number, { key, externalId: undefined, how }));
      await outdate("one", "deleted");
      await outdate("two", "hidden");
      const left = await repo.comments(number);
      expect(left.map(({ outdated }) => outdated)).toEqual([true, undefined, undefined]);
      expect(left[2]?.body).toContain("quoted");
    },
  },
  {
    name: "a comment that is not there any more is out of sight already",
    async check(world) {
      const { repo, number } = await openedPull(world);
      const id = await putComment(world, repo.ref, number, "old");
      const outdate = (key: string, externalId: string | undefined, how: "hidden" | "deleted") =>
        value(world.vcs.outdateComment(repo.ref, number, { key, externalId, how }));
      await outdate("old", id, "deleted");
      await outdate("old", id, "hidden");
      await outdate("old", undefined, "hidden");
      await outdate("never written", undefined, "deleted");
      expect(await repo.comments(number)).toEqual([]);
    },
  },
  {
    name: "a comment on a pull request that does not exist is not found",
    async check(world) {
      const { repo } = await openedPull(world);
      const draft = { key: "k", markdown: "text", externalId: undefined };
      expect(await failure(world.vcs.putComment(repo.ref, NO_NUMBER, draft))).toBe("not_found");
    },
  },
  {
    name: "T7 a person's comment is read again with its author and its text",
    async check(world) {
      const { repo, number, author, other } = await openedPull(world);
      const body = "terrane plan dir:a/b\n\n`ü` <b>&amp;</b> 日本 \u{1f600}";
      const ids = [
        await repo.comment(number, body, other.id),
        await repo.comment(number, "terrane plan", author.id),
      ];
      const read = await Promise.all(
        ids.map((id) => value(world.vcs.comment(repo.ref, number, id))),
      );
      // Beside them, where the VCS has a clock of its own, stands when they were written.
      expect(read).toMatchObject([
        { author: other, body },
        { author, body: "terrane plan" },
      ]);
    },
  },
  {
    name: "T7 a comment is found on its own pull request only",
    async check(world) {
      const { repo, number, author, other } = await openedPull(world);
      await repo.push("second", { "c.tf": "" });
      const second = await repo.open({ head: "second", title: "Second", by: author.id });
      const comment = await repo.comment(number, "terrane apply", other.id);
      const read = (of: RepositoryRef, on: number, id: string) =>
        failure(world.vcs.comment(of, on, id));
      expect(await read(repo.ref, number, comment)).toBe("ok");
      const elsewhere = await world.harness.createRepository({ "a.tf": "" });
      expect(await read(repo.ref, second, comment)).toBe("not_found");
      expect(await read(repo.ref, NO_NUMBER, comment)).toBe("not_found");
      expect(await read(elsewhere.ref, number, comment)).toBe("not_found");
      expect(await read(repo.ref, number, "999999999")).toBe("not_found");
    },
  },
  {
    name: "a person's comment is acknowledged, and twice is fine",
    async check(world) {
      const { repo, number, other } = await openedPull(world);
      const comment = await repo.comment(number, "terrane plan", other.id);
      await value(world.vcs.acknowledge(repo.ref, number, comment));
      await value(world.vcs.acknowledge(repo.ref, number, comment));
      expect(await repo.comments(number)).toEqual([
        { id: comment, body: "terrane plan", acknowledged: true },
      ]);
    },
  },
  {
    name: "a comment that does not exist cannot be acknowledged",
    async check(world) {
      const { repo, number } = await openedPull(world);
      expect(await failure(world.vcs.acknowledge(repo.ref, number, "999999999"))).toBe("not_found");
    },
  },
  {
    name: "S25 the check of a name on a commit is updated, also when its id was lost",
    async check(world) {
      const { repo, head } = await openedPull(world);
      const begun = await value(world.vcs.putCheck(repo.ref, check(head)));
      const ended = await value(
        world.vcs.putCheck(repo.ref, {
          ...check(head),
          status: "completed",
          conclusion: "failure",
          title: "1 of 2 failed",
        }),
      );
      expect(ended).toBe(begun);
      expect(await repo.checks(head)).toEqual([
        {
          id: begun,
          name: "terrane plan",
          status: "completed",
          conclusion: "failure",
          title: "1 of 2 failed",
        },
      ]);
    },
  },
  {
    name: "checks of different names and commits stand side by side",
    async check(world) {
      const { repo, head } = await openedPull(world);
      const next = await repo.push("feature", { "c.tf": "" });
      const put = (draft: CheckDraft) => value(world.vcs.putCheck(repo.ref, draft));
      await put(check(head));
      await put({ ...check(head), name: "terrane apply" });
      await put(check(next));
      expect((await repo.checks(head)).map((each) => each.name).toSorted()).toEqual([
        "terrane apply",
        "terrane plan",
      ]);
      expect(await repo.checks(next)).toHaveLength(1);
    },
  },
  {
    name: "a completed check of the same commit can run again",
    async check(world) {
      const { repo, head } = await openedPull(world);
      const done = { ...check(head), status: "completed", conclusion: "success" } as const;
      await value(world.vcs.putCheck(repo.ref, done));
      await value(world.vcs.putCheck(repo.ref, check(head)));
      const checks = await repo.checks(head);
      expect(checks.at(-1)).toMatchObject({ status: "in_progress", conclusion: undefined });
    },
  },
  {
    name: "a check on a commit that does not exist fails for good",
    async check(world) {
      const { repo } = await openedPull(world);
      const kind = await failure(world.vcs.putCheck(repo.ref, check(NO_COMMIT)));
      expect(["not_found", "rejected"]).toContain(kind);
    },
  },
];

function putComment(world: VcsWorld, repo: RepositoryRef, number: number, key: string) {
  const draft = { key, markdown: `text of ${key}`, externalId: undefined };
  return value(world.vcs.putComment(repo, number, draft));
}

function check(commit: CommitSha): CheckDraft {
  return {
    name: "terrane plan",
    commit,
    status: "in_progress",
    conclusion: undefined,
    title: "Planning 2 directories",
    summary: "…",
    number: 1,
    buttons: ["plan", "why"],
    detailsUrl: "https://terrane.example.test/runs/1",
    externalId: undefined,
  };
}
