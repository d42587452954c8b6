import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VERBS } from "../src/core/command/verb.ts";

const PAGE = join(import.meta.dirname, "../docs/reference/commands.md");

test("the page of commands has every verb of the help, and no other", () => {
  const [ours = ""] = readFileSync(PAGE, "utf8").split("## Words of another tool");
  const rows = ours.matchAll(/^\| `([a-z-]+)[^`]*` +\|(.*)$/gm);
  const said = new Map<string, boolean>();
  for (const [, verb = "", row = ""] of rows)
    said.set(verb, said.get(verb) === true || row.includes("own name"));
  const meant = VERBS.map(({ kind, ownNameOnly }) => [kind, ownNameOnly === true]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(meant));
});
