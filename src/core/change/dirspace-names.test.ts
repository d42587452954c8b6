import { expect, test } from "vitest";
import { dirsOf, dirspace, modified, run } from "../../../test/support/change.ts";
import { parseDir } from "./dirspace.ts";

/** What is put into a name, and whether a directory may still be called that (T13). */
const PIECES: readonly (readonly [string, boolean])[] = [
  ["a", true],
  ["..", false],
  [".", false],
  ["", false],
  ["...", true],
  ["..a", true],
  ["a..", true],
  [".a", true],
  ["-rf", true],
  ["--chdir=x", true],
  ["a b", true],
  [" ", true],
  ["a\\b", false],
  ["\\", false],
  ["a\u0000", false],
  ["\u0000", false],
  ["a\nb", false],
  ["a\rb", false],
  ["a\tb", false],
  ["\u001b[31m", false],
  ["\u007f", false],
  ["\u0085", false],
  ["\u009b", false],
  ["\ud800", false],
  ["\udfff", false],
  ["😀", true],
  ["é", true],
  ["e\u0301", true],
  ["ﬁ", true],
  ["İ", true],
  ["ß", true],
  ["日本", true],
  ["\u202e", true],
  ["\u200b", true],
  ["\ufeff", true],
  ["C:", true],
  ["~", true],
  ["$HOME", true],
  ["`id`", true],
  ["$(id)", true],
  [";", true],
  ["|", true],
  ["*", true],
  ["%2e%2e", true],
  ["__proto__", true],
  ["constructor", true],
  ["toString", true],
  ["x".repeat(255), true],
  ["x".repeat(1025), false],
  ["é".repeat(513), false],
];

/** Where the piece stands. */
const PLACES: readonly (readonly [string, (piece: string) => string])[] = [
  ["alone", (piece) => piece],
  ["first", (piece) => `${piece}/x`],
  ["inside", (piece) => `x/${piece}/y`],
  ["last", (piece) => `x/${piece}`],
];

const ROWS = PIECES.flatMap(([piece, good], row) =>
  PLACES.map(([where, put], at): readonly [number, string, string, boolean] => [
    row * PLACES.length + at + 1,
    where,
    put(piece),
    // A point alone is the root of the repository.
    good || (piece === "." && where === "alone"),
  ]),
);

test.each(ROWS)("T13 row %i: %s %j", (_row, _where, name, good) => {
  expect(parseDir(name)).toMatchObject({ kind: good ? "ok" : "error" });
});

test("T13: a name that cannot be one is left out and said, and hurts no other directory", () => {
  for (const [, , name, good] of ROWS) {
    if (good || name === "" || name.includes("//") || name.startsWith("/")) continue;
    const files = [`${name}/main.tf`, "safe/main.tf"];
    const set = run("", files, modified(files));
    expect(dirsOf(set)).toEqual(["safe"]);
    expect(set.diagnostics).toMatchObject([{ code: "unusable_directory" }]);
  }
});

test("T12: names of the language's own objects are ordinary directories, tags and workspaces", () => {
  const names = ["constructor", "toString", "hasOwnProperty", "valueOf"];
  const files = names.map((name) => `${name}/main.tf`);
  for (const name of names) {
    const yaml = `dirs: {${name}: {tags: [${name}], workspaces: {${name}: {}}}}\ntags: {branch: {${name}: x}}\n`;
    const set = run(yaml, files, modified(files));
    expect(dirsOf(set)).toEqual(names.toSorted());
    const one =
      set.kind === "ok" ? set.dirspaces.find(({ dirspace }) => dirspace.dir === name) : undefined;
    expect(one?.tags).toEqual(
      [name, `dir:${name}`, "stack_name:default", `workspace:${name}`].toSorted(),
    );
  }
});

/** Two names that are one on a file system that ignores case or the way Unicode is composed. */
const TWINS: readonly (readonly [string, string])[] = [
  ["App", "app"],
  ["x/Prod/a", "x/prod/a"],
  ["caf\u00e9", "cafe\u0301"],
  ["CAF\u00c9", "cafe\u0301"],
  ["\u212bngstrom", "\u00e5ngstrom"],
  ["\u03a3", "\u03c2"],
];

const both = ([a, b]: readonly [string, string]) => [`${a}/main.tf`, `${b}/main.tf`];

test.each(TWINS)("T13: a change of %j or %j is refused and names both", (a, b) => {
  const files = [...both([a, b]), "other/main.tf"];
  const depends = JSON.stringify({ dirs: { [b]: { when_modified: { depends_on: "dir:other" } } } });
  const rows: readonly (readonly [string, ReturnType<typeof run>])[] = [
    ["the one", run("", files, modified([`${a}/main.tf`]))],
    ["the other, and more", run("", files, modified([`${b}/main.tf`, "other/main.tf"]))],
    ["both", run("", files, modified(files))],
    ["a new file", run("", files, [{ kind: "added", path: `${a}/main.tf` }])],
    ["pulled in", run(depends, files, modified(["other/main.tf"]))],
    ["applied before", run("", files, modified(["other/main.tf"]), [dirspace(a)])],
  ];
  for (const [rule, set] of rows) {
    expect(set.kind, rule).toBe("error");
    const errors = set.diagnostics;
    expect(errors, rule).toMatchObject([{ severity: "error", code: "same_directory" }]);
    expect(errors[0]?.message, rule).toContain(JSON.stringify(a));
    expect(errors[0]?.message, rule).toContain(JSON.stringify(b));
    expect(errors[0]?.message, rule).toContain("Rename one of them.");
  }
});

test.each(TWINS)("T13: a change that touches neither %j nor %j goes on with a warning", (a, b) => {
  const set = run("", [...both([a, b]), "other/main.tf"], modified(["other/main.tf"]));
  expect(dirsOf(set)).toEqual(["other"]);
  expect(set.diagnostics).toMatchObject([{ severity: "warning", code: "same_directory" }]);
  expect(set.diagnostics[0]?.message).toContain(
    [a, b]
      .toSorted()
      .map((dir) => JSON.stringify(dir))
      .join(" and "),
  );
});

test.each(TWINS)("T13: to delete or rename %j or %j is what helps", (a, b) => {
  const gone = { kind: "deleted", path: `${a}/main.tf` } as const;
  const moved = { kind: "renamed", from: `${a}/main.tf`, to: "new/main.tf" } as const;
  expect(dirsOf(run("", [`${b}/main.tf`], [gone]))).toEqual([]);
  expect(dirsOf(run("", [`${b}/main.tf`, "new/main.tf"], [moved]))).toEqual(["new"]);
});

test("T13: of three that are one every name is given, and the advice fits", () => {
  const files = ["APP/main.tf", "App/main.tf", "app/main.tf"];
  const set = run("", files, modified(["app/main.tf"]));
  expect(set.diagnostics.at(-1)?.message).toBe(
    '"APP", "App" and "app" are the same directory where upper and lower case, or the ways to ' +
      "write an accent, are not told apart, and this change touches them. Rename all of them but one.",
  );
});

test("T13: directories below one that has a twin are twins only with their like", () => {
  const files = ["App/one/main.tf", "app/two/main.tf"];
  expect(dirsOf(run("", files, modified(files)))).toEqual(["App/one", "app/two"]);
});
