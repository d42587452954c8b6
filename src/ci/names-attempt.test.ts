import { expect, test } from "vitest";
import type { AttemptId } from "../core/ids.ts";
import { namesAttempt } from "./names-attempt.ts";

test.each([
  ["Terrane plan #12.1 (a1b2-1)", true],
  ["a1b2-1", true],
  ["Terrane plan #12.10 (a1b2-10)", false],
  ["Terrane plan #12.1 (ca1b2-1)", false],
  ["a1b2-10 and a1b2-1", true],
  ["", false],
])("S25 a CI run called %j is of attempt a1b2-1: %s", (title, isOurs) => {
  expect(namesAttempt(title, "a1b2-1" as AttemptId)).toBe(isOurs);
});
