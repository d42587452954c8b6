import { expect, test } from "vitest";
import type { CommitSha } from "../core/ids.ts";
import { keyOf, placedBy } from "./check-key.ts";

const COMMIT = "a".repeat(40) as CommitSha;

test.each([
  ["terrane plan", "plan"],
  ["terrane apply", "apply"],
  ["terrane plan: net default", "plan"],
  ["terrane apply: a: b/c plan\nd", "apply"],
  ["terrateam apply", "apply"],
] as const)("the key of %j says what it is of", (name, phase) => {
  const text = { name } as Parameters<typeof keyOf>[0]["text"];
  expect(placedBy(keyOf({ text }, COMMIT))).toEqual({ name, phase, commit: COMMIT });
  expect(placedBy(keyOf({ text, isStatus: true }, COMMIT))).toEqual({
    name,
    phase,
    commit: COMMIT,
    isStatus: true,
  });
});

test.each(["terrane", "label", "check:terrane plan:", "check:other:abc", "result:1:append"])(
  "%s is no key of a check",
  (key) => {
    expect(placedBy(key)).toBeUndefined();
  },
);
