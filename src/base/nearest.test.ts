import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearest, nearestTypo } from "./nearest.ts";

test.each([
  ["", "", 0],
  ["plan", "plan", 0],
  ["paln", "plan", 1],
  ["pln", "plan", 1],
  ["plann", "plan", 1],
  ["plam", "plan", 1],
  ["aplyl", "apply", 2],
  ["pnal", "plan", 2],
  ["", "abc", 3],
  ["ab", "ba", 1],
  ["abc", "xyz", 3],
])("from %j to %j takes %d edits", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test("a distance is the same both ways, and zero only between equal words", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test.each([
  ["plna", "plan"],
  ["unlokc", "unlock"],
  ["ls", undefined],
  ["p", undefined],
  ["destroy", undefined],
])("%j is most likely %j mistyped", (word, meant) => {
  expect(nearestTypo(word, ["plan", "apply", "unlock", "help"])).toBe(meant);
});

test("a word longer than anything we know is not compared at all", () => {
  expect(nearest("x".repeat(1_000_000), ["x".repeat(32)])).toBeUndefined();
});
