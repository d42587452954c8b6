import { expect, test } from "vitest";
import { failedWords } from "./failed-words.ts";

test.each([
  ["effect", "publish", "Comment and checks"],
  ["effect", "made_by_a_newer_server", "Made by a newer server"],
  ["event", "review_changed", "Review changed"],
  ["event", "", ""],
] as const)("an %s called %j reads as %j", (kind, what, words) => {
  expect(failedWords({ kind, what })).toBe(words);
});
