import { expect, test } from "vitest";
import { dirsOf, modified, ok, run } from "../../../test/support/change.ts";

const EC2 = ["ec2/ec2.tf"];
const many = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(index));

test("a dirspace says which file and which pattern it is there for, up to ten files", () => {
  const files = many(12, (n) => `a/f${String(n).padStart(2, "0")}.tf`);
  const [a] = ok(run("", files, modified(files)));
  expect(a?.because).toHaveLength(11);
  expect(a?.because[0]).toEqual({ kind: "file", path: "a/f00.tf", pattern: "${DIR}/*.tf" });
  expect(a?.because[10]).toEqual({ kind: "more_files", count: 2 });
});

test("each workspace is a dirspace of its own, with its own patterns", () => {
  const config = `dirs:
  app:
    tags: [app]
    workspaces:
      prod: {tags: [live], when_modified: {file_patterns: ["\${DIR}/*.tf", "\${DIR}/\${WORKSPACE}.tfvars"]}}
      dev: {when_modified: {file_patterns: ["\${DIR}/*.tf", "\${DIR}/\${WORKSPACE}.tfvars"], autoplan: false}}
`;
  const files = ["app/main.tf", "app/dev.tfvars", "app/prod.tfvars"];
  const names = (path: string) =>
    ok(run(config, files, modified([path]))).map((one) => one.dirspace.workspace);
  expect(names("app/main.tf")).toEqual(["dev", "prod"]);
  expect(names("app/dev.tfvars")).toEqual(["dev"]);
  const [dev, prod] = ok(run(config, files, modified(["app/main.tf"])));
  expect([dev?.autoplan, prod?.autoplan]).toEqual([false, true]);
  expect(prod?.tags).toEqual(["app", "dir:app", "live", "stack_name:default", "workspace:prod"]);
});

test("stacks of a directory are workspaces with a tag of their own (§14 no. 8)", () => {
  const files = ["app/main.tf", "web/main.tf"];
  const config = "dirs: {app: {stacks: {prod: {}}}, web: {workspaces: {}}}";
  const set = ok(run(config, files, modified(files)));
  expect(set.map((one) => one.tags)).toEqual([
    ["dir:app", "stack:prod", "stack_name:default"],
    ["dir:web", "stack_name:default", "workspace:default"],
  ]);
});

test("branches give at most one tag each, the alphabetically first", () => {
  const config = `tags: {branch: {b: "^feat", a: "^fea", c: "x"}, dest_branch: {main: "/^(main|master)$/"}}`;
  expect(ok(run(config, EC2, modified(EC2)))[0]?.tags).toEqual([
    "branch:a",
    "dest_branch:main",
    "dir:ec2",
    "stack_name:default",
    "workspace:default",
  ]);
});

/** §14 nos. 1–6: key or pattern readings. Configuration, tree, changed, dirspaces. */
const READINGS: readonly (readonly [string, string, string[], string[], string[]])[] = [
  [
    "a glob takes directories by name",
    'dirs: {"env/*": {when_modified: {file_patterns: ["${DIR}/*.json"]}}}',
    ["env/x/a.json"],
    ["env/x/a.json"],
    ["env/x"],
  ],
  [
    "a slash at the end does not matter",
    'dirs: {"a/": {when_modified: {file_patterns: ["x.txt"]}}}',
    ["a/b", "x.txt"],
    ["x.txt"],
    ["a"],
  ],
  [
    "a key that names a file configures its directory",
    'dirs: {"a/main.tf": {when_modified: {file_patterns: ["x.txt"]}}}',
    ["a/main.tf", "x.txt"],
    ["x.txt"],
    ["a"],
  ],
  [
    "a backslash escapes",
    'dirs: {"a\\\\*b": {when_modified: {file_patterns: ["x.txt"]}}}',
    ["a*b/main.tf", "axb/main.tf", "x.txt"],
    ["x.txt"],
    ["a*b"],
  ],
  [
    "of two equally long globs the first wins",
    'dirs: {"a/*": {when_modified: {file_patterns: ["x.txt"]}}, "*/b": {when_modified: {file_patterns: []}}}',
    ["a/b/main.tf", "x.txt"],
    ["x.txt"],
    ["a/b"],
  ],
  [
    "an explicit key beats a longer glob",
    'dirs: {"**/a/b/**": {when_modified: {file_patterns: []}}, a/b: {}}',
    ["a/b/main.tf"],
    ["a/b/main.tf"],
    ["a/b"],
  ],
  [
    "a directory of documents is none, although a glob takes it by name",
    'dirs: {"env/*": {}}\nwhen_modified: {depends_on: "dir:base"}',
    ["base/main.tf", "env/docs/README.md", "env/x/main.tf"],
    ["base/main.tf"],
    ["base", "env/x"],
  ],
  [
    "braces, classes and question marks work (DESIGN §6 no. 2)",
    'when_modified: {file_patterns: ["*.{tf,hcl}", "${DIR}/[ab]?.x"]}',
    ["p/m.tf", "q/m.hcl", "r/a1.x", "s/c1.x"],
    ["p/m.tf", "q/m.hcl", "r/a1.x", "s/c1.x"],
    ["p", "q", "r"],
  ],
  [
    "directories with any name are matched (DESIGN §6 no. 2)",
    "",
    ["me@home+[x]{y}/*z/main.tf"],
    ["me@home+[x]{y}/*z/main.tf"],
    ["me@home+[x]{y}/*z"],
  ],
  [
    "a global pattern with a further slash is seen from the root (DESIGN §6 no. 16)",
    'when_modified: {file_patterns: ["**/*.tf", "!**/test/**"]}',
    ["a/main.tf", "a/test/main.tf"],
    ["a/main.tf", "a/test/main.tf"],
    ["a"],
  ],
  [
    "a global negative that names files is rewritten",
    'when_modified: {file_patterns: ["*.tf", "!*.auto.tf"]}',
    ["a/main.tf", "b/x.auto.tf"],
    ["a/main.tf", "b/x.auto.tf"],
    ["a"],
  ],
  [
    "a list of negatives never matches",
    'when_modified: {file_patterns: ["!a/*.tf"]}',
    ["b/main.tf"],
    ["b/main.tf"],
    [],
  ],
  [
    "both names of a move count",
    "",
    ["a/new.tf", "a/x.tf", "b/x.tf"],
    ["a/new.tf", "b/old.tf"],
    ["a", "b"],
  ],
  [
    "`${DIR}/**` is everything below",
    'dirs: {a: {when_modified: {file_patterns: ["${DIR}/**"]}}}',
    ["a/x.json", "a/b/c/y.json"],
    ["a/b/c/y.json"],
    ["a"],
  ],
  [
    "what begins above the root matches nothing",
    'dirs: {a: {when_modified: {file_patterns: ["${DIR}/../../*.tf", "../x", "${DIR}/*.tf"]}}}',
    ["a/main.tf", "x", "y.tf"],
    ["x"],
    [],
  ],
];

test.each(READINGS)("reading: %s", (_name, config, files, changed, expected) => {
  expect(dirsOf(run(config, files, modified(changed)))).toEqual(expected);
});

test("a glob that also catches a file beside the directories it is for is warned about", () => {
  const set = run('dirs: {"env/*": {}}', ["env/x/main.tf", "env/main.tf"], []);
  expect(set.diagnostics).toMatchObject([
    { severity: "warning", code: "dirs_key", message: expect.stringContaining("env/main.tf") },
  ]);
});

test.each([
  ["gone with all its files", "", ["b/x.tf"], ["a"]],
  ["left with documents only", "", ["a/README.md", "b/x.tf"], ["a"]],
  ["named by a key and left with documents", "dirs: {a: {}}", ["a/README.md", "b/x.tf"], ["a"]],
  ["matched by a glob", 'dirs: {"?": {}}', ["a/README.md", "b/x.tf"], ["a"]],
  ["never a dirspace", "dirs: {a: {when_modified: {file_patterns: []}}}", ["b/x.tf"], []],
  ["still there", "", ["a/other.tf", "b/x.tf"], []],
])("a directory that is %s is reported and pulls nothing in", (_name, config, files, expected) => {
  const withDependent = `${config}\nwhen_modified: {depends_on: "dir:a"}`;
  const set = run(withDependent, files, [{ kind: "deleted", path: "a/x.tf" }]);
  const reported = set.diagnostics.flatMap((found) =>
    found.code === "deleted_directory" ? [found.dirspace.dir] : [],
  );
  expect(reported).toEqual(expected);
  expect(dirsOf(set)).toEqual(files.includes("a/other.tf") ? ["a", "b"] : []);
});

test("a moved directory is affected under its new name and reported under the old one", () => {
  const set = run("", ["new/x.tf"], [{ kind: "renamed", from: "old/x.tf", to: "new/x.tf" }]);
  expect(dirsOf(set)).toEqual(["new"]);
  expect(set.diagnostics).toMatchObject([{ code: "deleted_directory", dirspace: { dir: "old" } }]);
});

test("a directory whose name is not safe is left out with a warning", () => {
  const set = run("", ["a\u0007b/main.tf", "c/main.tf"], modified(["a\u0007b/main.tf"]));
  expect(dirsOf(set)).toEqual([]);
  expect(set.diagnostics).toMatchObject([{ severity: "warning", code: "unusable_directory" }]);
});

test("a directory that the change empties is not pulled in either", () => {
  const config = 'dirs: {a: {when_modified: {depends_on: "dir:b"}}}';
  const changes = [
    { kind: "deleted", path: "a/x.tf" },
    { kind: "modified", path: "b/x.tf" },
  ] as const;
  const set = run(config, ["a/README.md", "b/x.tf"], changes);
  expect(dirsOf(set)).toEqual(["b"]);
  expect(set.diagnostics).toMatchObject([{ code: "deleted_directory", dirspace: { dir: "a" } }]);
});

test("what stood in the place of a directory counts as inside it", () => {
  const config = 'dirs: {a: {when_modified: {file_patterns: ["${DIR}/**"]}}}';
  // A submodule that became a plain directory.
  expect(dirsOf(run(config, ["a/x.tf"], [{ kind: "deleted", path: "a" }]))).toEqual(["a"]);
});

test("a path that is both gone and there counts as there, in any order", () => {
  const there = { kind: "added", path: "a/x.tf" } as const;
  const gone = { kind: "deleted", path: "a/x.tf" } as const;
  for (const changes of [
    [there, gone],
    [gone, there],
  ]) {
    expect(dirsOf(run("dirs: {a: {}}", ["a/README.md"], changes))).toEqual(["a"]);
  }
});
