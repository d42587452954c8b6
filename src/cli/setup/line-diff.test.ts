import fc from "fast-check";
import { expect, test } from "vitest";
import { lineDiff } from "./line-diff.ts";

test("what changes is shown with the lines around it, and what stays is counted", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\n";
  expect(lineDiff(before, before.replace("d", "D\nDD")).split("\n")).toEqual([
    "  (1 lines that stay)",
    " b",
    " c",
    "-d",
    "+D",
    "+DD",
    " e",
    " f",
    "  (1 lines that stay)",
  ]);
});

test("lines taken away and lines added lead from the one text to the other", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before.join("\n"), after.join("\n")).split("\n");
      if (lines.some((line) => line.startsWith("  ("))) return;
      const without = (sign: string) =>
        lines.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1));
      expect(without("+")).toEqual(before);
      expect(without("-")).toEqual(after);
    }),
  );
});

test("texts that are too long to compare are counted", () => {
  const long = "x\n".repeat(2_001);
  expect(lineDiff(long, "x\n")).toBe("- 2001 lines\n+ 1 lines");
});
