import { expect, test } from "vitest";
import type { Affected } from "../../core/change/affected.ts";
import type { Dir, Workspace } from "../../core/change/dirspace.ts";
import { choose, ordered } from "./choose.ts";

const at = (dir: string) => ({ dir: dir as Dir, workspace: "default" as Workspace });

/** Only what choosing looks at. */
function affected(dir: string, ...after: readonly string[]): Affected {
  return { dirspace: at(dir), tags: [`dir:${dir}`], predecessors: after.map(at) } as never;
}

const ALL = [
  affected("live/net"),
  affected("live/db", "live/net"),
  affected("live/app", "live/db"),
];
const names = (list: readonly Affected[]) => list.map(({ dirspace }) => dirspace.dir);

test.each([
  ["nothing said is everything", [], "", undefined, ["live/net", "live/db", "live/app"]],
  ["a directory from the root", ["live/db"], "", undefined, ["live/db"]],
  ["from where somebody stands", ["../db/", "."], "live/app/", undefined, ["live/db", "live/app"]],
  ["a query", [], "", "not dir:live/net", ["live/db", "live/app"]],
  ["both", ["live/db", "live/app"], "", "dir:live/app", ["live/app"]],
] as const)("%s", (_, dirs, prefix, query, expected) => {
  expect(names(choose(ALL, { dirs, prefix, query }))).toEqual(expected);
});

test.each([
  [["nowhere"], undefined, /^nowhere is no directory that Terrane works on/],
  [["../../etc"], undefined, /^\.\.\/\.\.\/etc is no directory of this repository/],
  [["/etc"], undefined, /^\/etc is no directory of this repository/],
  [[], "and", /^--query: /],
] as const)("%j %j is refused", (dirs, query, message) => {
  expect(() => choose(ALL, { dirs, prefix: "", query })).toThrow(message);
});

test("what was left out still keeps the order of what is around it", () => {
  const chosen = ALL.filter(({ dirspace }) => dirspace.dir !== "live/db");
  expect(ordered(chosen, ALL).map(({ key, after }) => [key, after])).toEqual([
    ["live/net:default", []],
    ["live/app:default", ["live/net:default"]],
  ]);
});
