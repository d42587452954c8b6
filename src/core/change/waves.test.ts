import { expect, test } from "vitest";
import { dirspace, modified, ok, run } from "../../../test/support/change.ts";

const dependsOn = (edges: Record<string, string>): string =>
  `dirs:\n${Object.entries(edges)
    .map(([dir, value]) => `  "${dir}": {when_modified: {depends_on: ${value}}}\n`)
    .join("")}`;
const prune = (query: string): string => `{tag_query: "${query}", prune_on_no_change: true}`;
const tfIn = (dirs: string): string[] => dirs.split(" ").map((dir) => `${dir}/main.tf`);

/** Name, configuration, directories, changed ones, waves. */
const WAVES: readonly (readonly [string, string, string, string, string[][]])[] = [
  [
    "database after base",
    dependsOn({ database: "dir:base" }),
    "base database",
    "base",
    [["base"], ["database"]],
  ],
  [
    "two databases after base",
    dependsOn({ db1: "dir:base", db2: "dir:base" }),
    "base db1 db2",
    "base",
    [["base"], ["db1", "db2"]],
  ],
  [
    "a webservice after both databases",
    dependsOn({ db1: "dir:base", db2: "dir:base", webservice: '"dir:db1 or dir:db2"' }),
    "base db1 db2 webservice",
    "base",
    [["base"], ["db1", "db2"], ["webservice"]],
  ],
  [
    "two chains",
    dependsOn({ db1: "dir:base", db2: "dir:base", ws1: "dir:db1", ws2: "dir:db2" }),
    "base db1 db2 ws1 ws2",
    "base",
    [["base"], ["db1", "db2"], ["ws1", "ws2"]],
  ],
  [
    "relative_dir stays in the project",
    dependsOn({ "projects/**/database/*.tf": "relative_dir:../base" }),
    "projects/proj1/base projects/proj1/database projects/proj2/base projects/proj2/database",
    "projects/proj1/base",
    [["projects/proj1/base"], ["projects/proj1/database"]],
  ],
  [
    "a pruned dirspace carries order",
    dependsOn({ a: "dir:b", b: "dir:c", c: prune("dir:d"), d: "dir:e" }),
    "a b c d e",
    "b d",
    [["d"], ["b"], ["a"]],
  ],
  [
    "dependents without changes of their own are pruned",
    dependsOn({ a: prune("dir:b"), b: prune("dir:c") }),
    "a b c",
    "c",
    [["c"]],
  ],
  [
    "what is reached only through a pruned dirspace stays (§14 no. 11)",
    dependsOn({ a: "dir:b", b: prune("dir:c") }),
    "a b c",
    "c",
    [["c"], ["a"]],
  ],
  [
    "a dirspace outside the change carries no order (§14 no. 11)",
    dependsOn({ a: "dir:b", c: "dir:x" }),
    "a b c x",
    "a c",
    [["a", "c"]],
  ],
  [
    "a query that matches its own dirspace is no cycle (§14 no. 9)",
    'when_modified: {depends_on: "dir:base"}',
    "base app",
    "base",
    [["base"], ["app"]],
  ],
  [
    "a dependency can be said by exclusion",
    dependsOn({ app: '"not (dir:app or dir:other)"', other: '"left in dir and not dir:left/b"' }),
    "app other left/a left/b",
    "left/a left/b",
    [
      ["left/a", "left/b"],
      ["app", "other"],
    ],
  ],
  [
    "an empty depends_on switches the global one off (§14 no. 7)",
    'when_modified: {depends_on: "dir:base"}\ndirs: {app: {when_modified: {depends_on: ""}}}',
    "base app web",
    "base",
    [["base"], ["web"]],
  ],
];

test.each(WAVES)("waves of §7.2: %s", (_name, config, dirs, changed, expected) => {
  const set = ok(run(config, tfIn(dirs), modified(tfIn(changed))));
  const waves: string[][] = [];
  for (const { wave, dirspace } of set) {
    waves[wave] ??= [];
    waves[wave]?.push(dirspace.dir);
  }
  expect(waves).toEqual(expected);
});

test("a cycle of §7.2 fails every change and names its path", () => {
  const config = dependsOn({ base: "dir:database", database: "dir:base" });
  const set = run(config, tfIn("base database other"), modified(tfIn("other")));
  expect(set).toMatchObject({
    kind: "error",
    diagnostics: [
      {
        code: "depends_on_cycle",
        message: expect.stringContaining("base → database → base"),
        cycle: [{ dir: "base" }, { dir: "database" }, { dir: "base" }],
      },
    ],
  });
});

test("two dirspaces that match the same query which they both say are a cycle", () => {
  const config = 'when_modified: {depends_on: "a or b"}\ndirs: {a: {tags: [a]}, b: {tags: [b]}}';
  expect(run(config, tfIn("a b c"), [])).toMatchObject({
    kind: "error",
    diagnostics: [{ cycle: [{ dir: "a" }, { dir: "b" }, { dir: "a" }] }],
  });
});

test("what the pull request applied before stays, also where it would be pruned", () => {
  const config = dependsOn({ a: prune("dir:b") });
  const set = ok(run(config, tfIn("a b"), [], [dirspace("a")]));
  expect(set).toMatchObject([
    { dirspace: { dir: "a" }, wave: 0, because: [{ kind: "applied_before" }] },
  ]);
});

test("predecessors reach through pruned dirspaces and name only affected ones", () => {
  const config = dependsOn({ a: '"dir:b or dir:x"', b: prune("dir:c") });
  const set = ok(run(config, tfIn("a b c x"), modified(tfIn("c"))));
  expect(set.map((one) => [one.dirspace.dir, one.predecessors, one.because])).toEqual([
    ["c", [], [{ kind: "file", path: "c/main.tf", pattern: "${DIR}/*.tf" }]],
    ["a", [dirspace("c")], [{ kind: "predecessor", dirspace: dirspace("c") }]],
  ]);
});
