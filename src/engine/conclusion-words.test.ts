import { expect, test } from "vitest";
import { conclusionWords } from "./conclusion-words.ts";

test.each([
  ["failure", "failure"],
  ["timed_out", "it ran out of its time"],
  ["neutral", "neutral, neither success nor failure"],
  ["skipped", "skipped, by a condition of the job"],
  ["stale", "given up by the CI system, because nothing had happened for too long"],
  ["action_required", "somebody has to let it run on the CI system first"],
  ["startup_failure", "the CI system could not start it; its page there says why"],
  ["never_started", "it was never started"],
  ["completed", "completed"],
  ["constructor", "constructor"],
])("a job that ended as %s is said to have ended (%s)", (conclusion, words) => {
  expect(conclusionWords(conclusion)).toBe(words);
});
