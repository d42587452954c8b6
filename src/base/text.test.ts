import fc from "fast-check";
import { expect, test } from "vitest";
import { count, truncateEnd, truncateMiddle } from "./text.ts";

test.each([
  ["abcdefgh", 8, "abcdefgh"],
  ["abcdefgh", 7, "abc…fgh"],
  ["abcdefgh", 6, "abc…gh"],
  ["abcdefgh", 1, "…"],
  ["", 0, ""],
])("the middle of %j is cut at %d", (text, max, out) => {
  expect(truncateMiddle(text, max)).toBe(out);
});

test.each([
  ["abcdefgh", 8, "abcdefgh"],
  ["abcdefgh", 4, "abc…"],
])("the end of %j is cut at %d", (text, max, out) => {
  expect(truncateEnd(text, max)).toBe(out);
});

test("a cut respects its limit and never halves a surrogate pair", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (whole, max) => {
      for (const cut of [truncateMiddle(whole, max), truncateEnd(whole, max)]) {
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut).not.toMatch(/\p{Surrogate}/u);
      }
    }),
  );
});

test("a limit without room for the mark is a bug", () => {
  expect(() => truncateMiddle("abcdef", 2, " [cut] ")).toThrow("no room");
});

test.each([
  [0, "0 plans"],
  [1, "1 plan"],
  [2, "2 plans"],
])("%d is counted in words", (n, text) => {
  expect(count(n, "plan")).toBe(text);
});
