import fc from "fast-check";
import { expect, test } from "vitest";
import { BRANCHES, configOf, modified, ok } from "../../../test/support/change.ts";
import type { Because, Change, ChangeSet } from "./affected.ts";
import { becauseText } from "./because-text.ts";
import { changeSet } from "./change-set.ts";
import type { IndexedDirectory, Reference, RepositoryIndex, Symlink } from "./repository-index.ts";

const INDEXED = "indexer: {enabled: true}\n";

function runIndexed(
  yaml: string,
  files: readonly string[],
  index: RepositoryIndex,
  changes: readonly Change[],
  indexer = INDEXED,
): ChangeSet {
  return changeSet(configOf(indexer + yaml), { files, index }, changes, BRANCHES);
}

function dirsIndexed(...args: Parameters<typeof runIndexed>): string[] {
  return ok(runIndexed(...args)).map(({ dirspace }) => dirspace.dir);
}

function calls(dir: string, ...modules: readonly string[]): IndexedDirectory {
  return { dir, references: modules.map((one): Reference => ({ kind: "module", dir: one })) };
}

function indexOf(directories: readonly IndexedDirectory[], links: Record<string, string> = {}) {
  const symlinks: Symlink[] = Object.entries(links).map(([path, target]) => ({ path, target }));
  return { directories, symlinks, problems: [] };
}

function texts(set: ChangeSet): Record<string, readonly string[]> {
  return Object.fromEntries(
    ok(set).map(({ dirspace, because }) => [
      dirspace.dir,
      because.map((one: Because) => becauseText(one)),
    ]),
  );
}

/** Number in the language reference §3.4, configuration, tree, index, changed files, dirspaces. */
const VECTORS: readonly (readonly [
  string,
  string,
  string[],
  RepositoryIndex,
  string[],
  string[],
])[] = [
  [
    "28",
    "",
    ["modules/foo/main.tf", "tf/main.tf"],
    indexOf([calls("tf", "modules/foo")]),
    ["modules/foo/main.tf"],
    ["tf"],
  ],
  [
    "29",
    "dirs: {tf: {tags: [tf]}}",
    ["modules/foo/main.tf", "tf/main.tf"],
    indexOf([calls("tf", "modules/foo")]),
    ["modules/foo/main.tf"],
    ["tf"],
  ],
  [
    "30",
    "dirs: {tf/modules/foo: {when_modified: {file_patterns: []}}}",
    ["tf/main.tf", "tf/modules/foo/main.tf"],
    indexOf([calls("tf", "tf/modules/foo")]),
    ["tf/modules/foo/main.tf"],
    ["tf"],
  ],
  [
    "31",
    "",
    ["modules/foo/main.tf", "tf/main.tf", "tf/modules/foo"],
    indexOf([calls("tf", "tf/modules/foo")], { "tf/modules/foo": "modules/foo" }),
    ["modules/foo/main.tf"],
    ["tf"],
  ],
  [
    "32",
    'dirs: {"null": {when_modified: {file_patterns: []}}}',
    ["null/main.tf", "tf/main.tf"],
    indexOf([], { "tf/main.tf": "null/main.tf" }),
    ["null/main.tf"],
    ["tf"],
  ],
];

test.each(VECTORS)("vector %s of §3.4", (_number, config, files, index, changed, expected) => {
  expect(dirsIndexed(config, files, index, modified(changed))).toEqual(expected);
});

const CHAIN_FILES = ["base/main.tf", "mid/main.tf", "top/main.tf", "other/main.tf"];
const CHAIN = indexOf([calls("mid", "base"), calls("top", "mid")]);

test("a root is touched by modules that its modules call, and says through which", () => {
  const set = runIndexed("", CHAIN_FILES, CHAIN, modified(["base/main.tf"]));
  expect(texts(set)).toEqual({
    top: ["it calls the module `base` through `mid`, and `base/main.tf` changes"],
  });
});

test("without `indexer.enabled` the index does not count", () => {
  const changed = modified(["base/main.tf"]);
  expect(dirsIndexed("", CHAIN_FILES, CHAIN, changed, "")).toEqual(["base"]);
});

test.each([
  ["a variables file of a module", "base/x.tfvars", []],
  ["a document of a module", "base/README.md", []],
  ["a file below a module", "base/sub/main.tf", ["base/sub"]],
  ["a module in JSON", "base/main.tf.json", ["top"]],
  ["a module of OpenTofu", "base/main.tofu", ["top"]],
])("%s touches what uses it", (_what, path, expected) => {
  const files = [...CHAIN_FILES, path];
  expect(dirsIndexed("", files, CHAIN, modified([path]))).toEqual(expected);
});

test("a module is never planned by itself, also where `dirs` names it, and a warning says so", () => {
  const set = runIndexed("dirs: {base: {}}", CHAIN_FILES, CHAIN, modified(["base/main.tf"]));
  expect(ok(set).map(({ dirspace }) => dirspace.dir)).toEqual(["top"]);
  expect(set.diagnostics.map(({ code, message }) => [code, message])).toEqual([
    [
      "module_directory",
      "`dirs` has a key for `base`, which `mid` calls as a module. A module is planned where it is " +
        "called and never by itself, so the key has no effect. Remove the key, or the call.",
    ],
  ]);
});

test("a directory that names itself as a module is no module", () => {
  const index = indexOf([calls("a", "a")]);
  expect(dirsIndexed("", ["a/main.tf"], index, modified(["a/main.tf"]))).toEqual(["a"]);
});

test("runner defect 21: modules that call each other end, and touch the root that calls one", () => {
  const index = indexOf([calls("a", "b"), calls("b", "a"), calls("root", "a")]);
  const files = ["a/main.tf", "b/main.tf", "root/main.tf"];
  expect(dirsIndexed("", files, index, modified(["b/main.tf"]))).toEqual(["root"]);
});

test("a root that is included or waited for is no module", () => {
  const index = indexOf([
    {
      dir: "app",
      references: [
        { kind: "dependency", dir: "vpc" },
        { kind: "file", path: "terragrunt.hcl", by: "app/terragrunt.hcl" },
      ],
    },
  ]);
  const files = ["app/main.tf", "terragrunt.hcl", "vpc/main.tf"];
  expect(dirsIndexed("", files, index, modified(["vpc/main.tf"]))).toContain("vpc");
  expect(texts(runIndexed("", files, index, modified(["terragrunt.hcl"])))).toEqual({
    app: ["`app/terragrunt.hcl` reads `terragrunt.hcl`"],
  });
});

test("a dependency that the code says orders and takes along, workspace by workspace", () => {
  const waits = (dir: string, ...dirs: readonly string[]): IndexedDirectory => {
    return { dir, references: dirs.map((one): Reference => ({ kind: "dependency", dir: one })) };
  };
  const index = indexOf([
    waits("app", "db", "vpc", "gone"),
    waits("db", "vpc"),
    waits("vpc", "vpc"),
  ]);
  const files = ["app/main.tf", "db/main.tf", "vpc/main.tf"];
  const two = "{workspaces: {dev: {}, prod: {}}}";
  const waves = (yaml: string, path: string) =>
    ok(runIndexed(yaml, files, index, modified([path]))).map(
      ({ dirspace, wave, predecessors }) =>
        `${wave} ${dirspace.dir}:${dirspace.workspace} after ${predecessors.map((one) => `${one.dir}:${one.workspace}`).join(", ")}`,
    );
  expect(waves("", "vpc/main.tf")).toEqual([
    "0 vpc:default after ",
    "1 db:default after vpc:default",
    "2 app:default after db:default, vpc:default",
  ]);
  expect(waves("", "app/main.tf")).toEqual(["0 app:default after "]);
  expect(waves(`dirs: {db: ${two}, app: ${two}}`, "db/main.tf")).toEqual([
    "0 db:dev after ",
    "0 db:prod after ",
    "1 app:dev after db:dev",
    "1 app:prod after db:prod",
  ]);
});

test("dependencies of the code that go round in a circle are an error that names the path", () => {
  const index = indexOf([
    { dir: "a", references: [{ kind: "dependency", dir: "b" }] },
    { dir: "b", references: [{ kind: "dependency", dir: "a" }] },
  ]);
  const set = runIndexed("", ["a/main.tf", "b/main.tf"], index, modified(["a/main.tf"]));
  expect(set.diagnostics.map(({ message }) => message)).toEqual([
    "`depends_on` or what the code waits for goes round in a circle: a → b → a. Remove one of these dependencies.",
  ]);
});

test("files that a module reads touch its roots: by path, by glob, and relative to the root", () => {
  const index = indexOf([
    calls("root", "mid"),
    calls("mid", "base"),
    {
      dir: "base",
      references: [
        { kind: "file", path: "base/rules.json", by: "base/main.tf" },
        { kind: "files", dir: "shared/policies", pattern: "**/*.json", by: "base/main.tf" },
        { kind: "root_file", path: "./own.json", by: "base/main.tf" },
        { kind: "root_file", path: "../above.json", by: "base/main.tf" },
      ],
    },
  ]);
  const files = ["root/main.tf", "mid/main.tf", "base/main.tf", "elsewhere/main.tf"];
  const why = (path: string) => texts(runIndexed("", files, index, modified([path])));
  const reads = (path: string) => ({
    root: [
      `it calls the module \`base\` through \`mid\`, where \`base/main.tf\` reads \`${path}\``,
    ],
  });
  expect(why("base/rules.json")).toEqual(reads("base/rules.json"));
  expect(why("shared/policies/a/b.json")).toEqual(reads("shared/policies/a/b.json"));
  expect(why("shared/policies.json")).toEqual({});
  expect(why("root/own.json")).toEqual({ root: ["`base/main.tf` reads `root/own.json`"] });
  expect(why("above.json")).toEqual({ root: ["`base/main.tf` reads `above.json`"] });
  expect(why("base/own.json")).toEqual({});
  expect(why("elsewhere/own.json")).toEqual({});
});

test("what a root excludes stays excluded in its modules", () => {
  const config = 'dirs: {top: {when_modified: {file_patterns: ["${DIR}/*.tf", "!**/*.gen.tf"]}}}';
  const files = [...CHAIN_FILES, "base/x.gen.tf"];
  expect(dirsIndexed(config, files, CHAIN, modified(["base/x.gen.tf"]))).toEqual([]);
  expect(dirsIndexed(config, files, CHAIN, modified(["base/main.tf"]))).toEqual(["top"]);
});

test("shared code touches every root that links to it, and itself only where it is a dirspace", () => {
  const links = { "a/shared": "shared", "b/back.tf": "a/shared/back.tf", "c-shared": "shared" };
  const files = ["shared/back.tf", "a/main.tf", "a/shared", "b/main.tf", "b/back.tf", "c-shared"];
  const index = indexOf([], links);
  const changed = modified(["shared/back.tf"]);
  const all = ["a/shared", "b", "c-shared", "shared"];
  expect(dirsIndexed("", files, index, changed)).toEqual(all);
  const hidden = "dirs: {shared: {when_modified: {file_patterns: []}}}";
  expect(dirsIndexed(hidden, files, index, changed)).toEqual(all.slice(0, 3));
});

test("a link covers whole names: `modules` says nothing about `modules-old`", () => {
  const index = indexOf([], { "a/lib": "modules" });
  const files = ["modules/main.tf", "modules-old/main.tf", "a/lib"];
  expect(dirsIndexed("", files, index, modified(["modules-old/main.tf"]))).toEqual(["modules-old"]);
});

test("a root that is a link is a dirspace of its own", () => {
  const index = indexOf([calls("envs/template", "modules/m")], { "envs/prod": "envs/template" });
  const files = ["envs/template/main.tf", "envs/prod", "modules/m/main.tf"];
  const both = ["envs/prod", "envs/template"];
  expect(dirsIndexed("", files, index, modified(["envs/template/main.tf"]))).toEqual(both);
  expect(dirsIndexed("", files, index, modified(["modules/m/main.tf"]))).toEqual(both);
});

test("a link that changed touches all that comes through it", () => {
  const links = { "a/lib": "v2/lib", "envs/prod": "envs/template" };
  const index = indexOf([calls("a", "a/lib/net"), calls("b", "v2/lib/net")], links);
  const files = [
    "a/main.tf",
    "a/lib",
    "b/main.tf",
    "v2/lib/net/main.tf",
    "envs/template/main.tf",
    "envs/prod",
  ];
  expect(texts(runIndexed("", files, index, modified(["a/lib"])))).toEqual({
    a: ["it calls the module `a/lib/net`, and `a/lib` changes"],
  });
  expect(dirsIndexed("", files, index, modified(["envs/prod"]))).toEqual(["envs/prod"]);
});

test.each([
  ["a link to itself", { "a/l": "a/l" }],
  ["two links to each other", { "a/l": "b/l", "b/l": "a/l" }],
  ["a link to its own directory", { "a/l": "a" }],
  ["a link to the root", { "a/l": "." }],
  ["directories that hold links to each other", { "a/l": "b", "b/m": "a" }],
  ["a link to nothing", { "a/l": "gone/x" }],
])("%s ends", (_what, links) => {
  const files = ["a/main.tf", "b/main.tf", ...Object.keys(links)];
  const dirs = dirsIndexed("", files, indexOf([calls("b", "a/l/x")], links), modified(files));
  expect(dirs).toEqual(expect.arrayContaining(["a", "b"]));
});

const DIRS = ["a", "b", "c", "d", "e", "f"];
const graph = fc.uniqueArray(fc.tuple(fc.constantFrom(...DIRS), fc.constantFrom(...DIRS)), {
  selector: (edge) => edge.join(),
  maxLength: 14,
});
const files = fc.subarray(DIRS.map((dir) => `${dir}/main.tf`));

function ofGraph(edges: readonly (readonly [string, string])[]): RepositoryIndex {
  return indexOf(
    DIRS.map((dir) => calls(dir, ...edges.filter(([a]) => a === dir).map(([, b]) => b))),
  );
}

test("a root is touched exactly where one of the modules that it reaches is", () => {
  fc.assert(
    fc.property(graph, files, (edges, changed) => {
      const modules = new Set(edges.filter(([a, b]) => a !== b).map(([, b]) => b));
      const reached = (dir: string, seen = new Set<string>()): Set<string> => {
        if (seen.has(dir)) return seen;
        seen.add(dir);
        for (const [a, b] of edges) if (a === dir) reached(b, seen);
        return seen;
      };
      const expected = DIRS.filter(
        (dir) =>
          !modules.has(dir) && [...reached(dir)].some((one) => changed.includes(`${one}/main.tf`)),
      );
      const all = DIRS.map((dir) => `${dir}/main.tf`);
      expect(dirsIndexed("", all, ofGraph(edges), modified(changed))).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("one more changed file never takes a dirspace away, with modules and links", () => {
  const links = fc.dictionary(
    fc.constantFrom("a/l", "b/l", "l", "c/m"),
    fc.constantFrom("a", "b", "c", "a/l", "."),
    { maxKeys: 3 },
  );
  fc.assert(
    fc.property(graph, links, files, fc.constantFrom(...DIRS), (edges, targets, changed, more) => {
      const index = { ...ofGraph(edges), symlinks: indexOf([], targets).symlinks };
      const all = [...DIRS.map((dir) => `${dir}/main.tf`), ...Object.keys(targets)];
      const before = dirsIndexed("", all, index, modified(changed));
      const after = dirsIndexed("", all, index, modified([...changed, `${more}/main.tf`]));
      expect(after).toEqual(expect.arrayContaining(before));
    }),
    { numRuns: 500 },
  );
});

test("links that multiply are an error, not a crash", () => {
  const links: Record<string, string> = {};
  const files = ["d0/main.tf"];
  for (let level = 1; level <= 16; level += 1) {
    for (const side of ["x", "y"]) {
      links[`d${level}/${side}`] = `d${level - 1}`;
      files.push(`d${level}/${side}`);
    }
  }
  const set = runIndexed("", files, indexOf([], links), modified(["d0/main.tf"]));
  expect(set.kind).toBe("error");
  expect(set.diagnostics.map(({ code }) => code)).toEqual(["too_many_links"]);
});
