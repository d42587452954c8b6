import { Text } from "@codemirror/state";
import { expect, test } from "vitest";
import { offsetOf, rangeOf } from "./marks.ts";

const LINES = ["enabeld: true", "dirs:", '  "a b": {tags: [x, yy]}', "", "engine: {name: 'it''s'}"];
const text = Text.of(LINES);

test.each<[number, number, string]>([
  [1, 1, "enabeld"],
  [1, 10, "true"],
  [3, 3, '"a b"'],
  [3, 21, "yy"],
  [3, 10, "{"],
  [5, 16, "'it''s'"],
  [2, 6, ":"],
  [2, 99, ":"],
  [4, 1, ""],
  [99, 1, "engine"],
  [0, 0, "enabeld"],
])("line %i, column %i marks the word there: %j", (line, column, word) => {
  const { from, to } = rangeOf(text, { line, column });
  expect(text.sliceString(from, to)).toBe(word);
});

test("a place that the text no longer has is its nearest end", () => {
  expect(offsetOf(text, 99, 99)).toBe(text.length);
  expect(offsetOf(text, 2, 99)).toBe(text.line(2).to);
});
