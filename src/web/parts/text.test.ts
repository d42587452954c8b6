import { expect, test } from "vitest";
import { commandIn, splitKey } from "./text.ts";

test.each([
  ["terrane apply", "terrane apply"],
  ["Ask for an approval, then comment `terrane apply dir:a`.", "terrane apply dir:a"],
  ["Ask a maintainer.", undefined],
  ["terrane is the word", "terrane is the word"],
  ["See `terraform plan`", undefined],
])("the next command in %j is %j", (next, command) => {
  expect(commandIn(next)).toBe(command);
});

test("a directory may hold colons, a workspace may not", () => {
  expect(splitKey("a:b:default")).toEqual({ dir: "a:b", workspace: "default" });
});
