import fc from "fast-check";
import { expect, test } from "vitest";
import { RESULT_TEXT_CHARS_MAX } from "../contract/work.ts";
import { elide, failureOf, lastLinesOf, namesOf } from "./text.ts";

test.each([
  ["a\nb\nc", 2, "b\nc"],
  ["a\nb\nc\n", 2, "b\nc\n"],
  ["a\nb", 5, "a\nb"],
  ["\na", 1, "a"],
  ["", 3, ""],
])("the last lines of %j, %i of them", (text, lines, expected) => {
  expect(lastLinesOf(text, lines)).toBe(expected);
});

test("a long text keeps its beginning and its last 40 lines, and says how much is gone", () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at} ${"x".repeat(20)}`);
  const short = elide(lines.join("\n"), 4_000);
  expect(short.length).toBeLessThanOrEqual(4_000);
  expect(short.startsWith("line 0 ")).toBe(true);
  expect(short.endsWith(lines.slice(-40).join("\n"))).toBe(true);
  expect(short).toMatch(/… \d+ characters are not shown …/);
});

test("no text comes out longer than allowed or with half a character", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 700 }),
      fc.integer({ min: 100, max: 500 }),
      (text, max) => {
        const short = elide(text, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short.isWellFormed()).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test("a failure stays within the contract", () => {
  const failure = failureOf("plan", "m".repeat(5_000), { tail: "t".repeat(200_000), exitCode: 1 });
  expect(failure.message.length).toBe(2_000);
  expect(failure.tail.length).toBeLessThanOrEqual(RESULT_TEXT_CHARS_MAX);
  expect(failure).toMatchObject({ exitCode: 1, signal: null });
});

test("names are listed up to a limit", () => {
  expect(namesOf(["a", "b c"])).toBe('"a", "b c"');
  expect(namesOf(["a", "b", "c"], 2)).toBe('"a", "b" and 1 more');
});
