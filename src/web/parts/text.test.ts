import { expect, test } from "vitest";
import { commandsIn, splitKey } from "./text.ts";

test.each([
  ["Ask for an approval, then comment `terrane apply dir:a`.", ["terrane apply dir:a"]],
  ["`terrane plan` or `terrane unlock 12`", ["terrane plan", "terrane unlock 12"]],
  ["Ask a maintainer.", []],
  ["See `terraform plan`", []],
])("%j names the commands %j", (next, commands) => {
  expect(commandsIn(next)).toEqual(commands);
});

test("a directory may hold colons, a workspace may not", () => {
  expect(splitKey("a:b:default")).toEqual({ dir: "a:b", workspace: "default" });
});
