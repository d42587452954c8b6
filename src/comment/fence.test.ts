import fc from "fast-check";
import { expect, test } from "vitest";
import { elideMiddle, FENCE_CHARS_MAX, fairCap, fence, lastLines } from "./fence.ts";

test.each([
  ["a", "```text\na\n```"],
  ["a ``` b", "````text\na ``` b\n````"],
  ["a\n\n", "```text\na\n```"],
  ["`".repeat(40), `${"`".repeat(33)}text\n${"`".repeat(32)}\n${"`".repeat(33)}`],
])("a fence around %j is %j", (content, block) => {
  expect(fence(content)).toBe(block);
});

const lines = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}`).join("\n");

test("what is too long loses its middle, and says how much", () => {
  expect(elideMiddle(lines(9), 5, 1000)).toBe(
    "line 1\nline 2\n… 5 lines not shown …\nline 8\nline 9",
  );
  expect(elideMiddle(lines(9), 9, 1000)).toBe(lines(9));
  expect(elideMiddle(lines(100), 100, 60)).toBe(
    "line 1\nline 2\n… 96 lines not shown …\nline 99\nline 100",
  );
});

test("of an error the last lines are all there, and only long ones give something up", () => {
  expect(lastLines(lines(50), 40, 1000)).toBe(lines(50).split("\n").slice(10).join("\n"));
  const shown = lastLines(`${"x".repeat(500)}\nError: short\n${"y".repeat(500)}`, 40, 300).split(
    "\n",
  );
  expect(shown).toHaveLength(3);
  expect(shown[1]).toBe("Error: short");
  expect(shown.join("\n").length).toBeLessThanOrEqual(300);
});

test.each([
  [[1, 2, 3], 10, 3],
  [[1, 10, 10], 11, 5],
  [[10, 10], 0, 0],
  [[], 5, 0],
])("wants %j share %d with the cap %d", (wants, room, cap) => {
  expect(fairCap(wants, room)).toBe(cap);
});

test("shares fit into the room, and nobody is cut while room is left", () => {
  const wants = fc.array(fc.nat({ max: 10_000 }), { maxLength: 50 });
  fc.assert(
    fc.property(wants, fc.nat({ max: 60_000 }), (all, room) => {
      const cap = fairCap(all, room);
      const used = all.reduce((sum, want) => sum + Math.min(want, cap), 0);
      const wanted = all.reduce((sum, want) => sum + want, 0);
      expect(used).toBeLessThanOrEqual(room);
      expect(used).toBeGreaterThanOrEqual(Math.min(wanted, room - all.length));
    }),
  );
});

test("whatever the text, budgets hold and a fence costs no more than it may", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 3_000 }),
    fc
      .array(fc.constantFrom("`", "```", "\n", "error ", "\u001b[1m", "x".repeat(300)), {
        maxLength: 200,
      })
      .map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 100, max: 3_000 }), (content, room) => {
      const elided = elideMiddle(content, 20, room);
      expect(elided.length).toBeLessThanOrEqual(room);
      expect(elided.split("\n").length).toBeLessThanOrEqual(20);
      expect(fence(elided).length).toBeLessThanOrEqual(room + FENCE_CHARS_MAX);
      const tail = lastLines(content, 40, room);
      expect(tail.length).toBeLessThanOrEqual(room);
      expect(tail.split("\n").length).toBeLessThanOrEqual(40);
    }),
  );
});

test("a hundred thousand lines are cut at once", () => {
  expect(elideMiddle("\n".repeat(100_000), 20, 500)).toBe("");
  expect(fence("\n".repeat(100_000)).length).toBeLessThan(50);
}, 2_000);
