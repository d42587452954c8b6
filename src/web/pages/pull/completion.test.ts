import fc from "fast-check";
import { expect, test } from "vitest";
import { lineAt, suggestionsFor } from "./completion.ts";

const DIRS = ["network", "prod/db", "prod/app"];
const ALL = [
  "terrane plan",
  "terrane apply",
  "terrane cancel",
  "terrane unlock",
  "terrane unlock --blocking",
  "terrane force-unlock",
  "terrane why",
  "terrane repo-config",
  "terrane index",
  "terrane help",
];
const lines = (line: string) => suggestionsFor(line, DIRS).map((one) => one.line);

test.each([
  ["", []],
  ["t", []],
  ["te", ALL],
  ["the plan", []],
  ["terrane ", ALL],
  ["terrane ap", ["terrane apply"]],
  ["terrateam u", ["terrateam unlock", "terrateam unlock --blocking"]],
  ["terrane plan", []],
  [
    "terrane plan ",
    ["terrane plan dir:network", "terrane plan dir:prod/db", "terrane plan dir:prod/app"],
  ],
  ["terrane apply dir:prod/d", ["terrane apply dir:prod/db"]],
  ["terrane apply dir:prod/db", []],
  ["terrane unlock dir", []],
])("after %j the box offers %j", (line, offered) => {
  expect(lines(line)).toEqual(offered);
});

test("taking a suggestion changes only the line with the cursor", () => {
  expect(lineAt("hello\nterr\nbye", 8).replace("terrane plan")).toEqual({
    text: "hello\nterrane plan\nbye",
    cursor: 18,
  });
});

test("the line at any cursor is a line of the text", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "\n", "b c")), fc.nat(40), (parts, at) => {
      const text = parts.join("");
      const { line, replace } = lineAt(text, Math.min(at, text.length));
      expect(text.split("\n")).toContain(line);
      expect(replace(line).text).toBe(text);
    }),
  );
});
