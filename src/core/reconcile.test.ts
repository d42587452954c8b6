import { expect, test } from "vitest";
import type { CommitSha, PullRequestId } from "./ids.ts";
import { differences, type KnownPullRequest, type OpenPullRequest } from "./reconcile.ts";

const head = "a".repeat(40) as CommitSha;
const pushed = "b".repeat(40) as CommitSha;
const id = "one" as PullRequestId;
const SINCE = 1_000;
const KNOWN: KnownPullRequest = {
  id,
  number: 1,
  open: true,
  closed: false,
  head,
  central: undefined,
  overdue: false,
  pending: false,
};
const CLOSED = { ...KNOWN, open: false, closed: true };
const LISTED: OpenPullRequest = { number: 1, head, openedAtMs: SINCE + 1 };
const LOST = { again: [{ id, lost: true }], found: [] };
const NOTHING = { again: [], found: [] };

test.each([
  ["what is the same needs nothing", KNOWN, LISTED, NOTHING],
  ["S21 a push nobody told of is found", KNOWN, { ...LISTED, head: pushed }, LOST],
  ["S21 a pull request that was closed or merged is found", KNOWN, undefined, LOST],
  ["S21 one that was reopened is found", CLOSED, LISTED, LOST],
  ["one that is closed on both sides is left alone", CLOSED, undefined, NOTHING],
  ["what is about to be looked at is left alone", { ...KNOWN, pending: true }, undefined, NOTHING],
  [
    "who waits for long is read again, and nothing was lost",
    { ...KNOWN, overdue: true },
    LISTED,
    { again: [{ id, lost: false }], found: [] },
  ],
  ["S21 one that nobody told of is found", undefined, LISTED, { again: [], found: [1] }],
  ["one from before our time is not", undefined, { ...LISTED, openedAtMs: SINCE - 1 }, NOTHING],
] as const)("%s", (_, known, listed, expected) => {
  const ours = known === undefined ? [] : [known];
  const theirs = listed === undefined ? [] : [listed];
  expect(differences(ours, { open: theirs, merged: [] }, SINCE, { kind: "unknown" })).toEqual(
    expected,
  );
});

test.each([
  ["a central repository that moved is found", head, { kind: "known", commit: pushed }, LOST],
  ["one that is gone is found", head, { kind: "known", commit: undefined }, LOST],
  ["one that did not move needs nothing", head, { kind: "known", commit: head }, NOTHING],
  ["one that nobody can read now needs nothing", head, { kind: "unknown" }, NOTHING],
  ["who never saw one is left alone", undefined, { kind: "known", commit: head }, NOTHING],
] as const)("S21 %s", (_, central, now, expected) => {
  expect(differences([{ ...KNOWN, central }], { open: [LISTED], merged: [] }, SINCE, now)).toEqual(
    expected,
  );
});

test.each([
  ["one that was opened again and merged meanwhile is found", CLOSED, [1], LOST],
  ["one that others were merged beside is left alone", CLOSED, [2, 3], NOTHING],
  ["one that is known to be merged is left alone", { ...CLOSED, closed: false }, [1], NOTHING],
  ["what is about to be looked at is left alone", { ...CLOSED, pending: true }, [1], NOTHING],
] as const)("S21 of what is closed %s", (_, known, merged, expected) => {
  expect(differences([known], { open: [], merged }, SINCE, { kind: "unknown" })).toEqual(expected);
});
