import fc from "fast-check";
import { expect, test } from "vitest";
import { needsBase, PrintedTree, resolveTree, treePath } from "./built-tree.ts";

const ROOTS = ["/ci/workspace", "/checkout/"];

test.each([
  ["a/b.tf", "a/b.tf"],
  ["./a/b.tf", "a/b.tf"],
  ["/ci/workspace/a/b.tf", "a/b.tf"],
  ["/checkout/a/b.tf", "a/b.tf"],
  ["/ci/workspace-other/b.tf", "ci/workspace-other/b.tf"],
  ["/a/b.tf", "a/b.tf"],
  ["a//b/./c.tf", "a/b/c.tf"],
  ["../a.tf", undefined],
  ["a/../../b.tf", undefined],
  ["/ci/workspace/", undefined],
  [".", undefined],
  ["", undefined],
])("runner defect 20: %j is the file %j, without a slash in front", (written, path) => {
  expect(treePath(written, ROOTS)).toBe(path);
});

test("whatever is written, a path stays inside the repository and reads the same twice", () => {
  const written = fc.array(fc.constantFrom("a", "..", ".", "", "/", "b.tf", "ci", "workspace"));
  fc.assert(
    fc.property(written, (parts) => {
      const path = treePath(parts.join("/"), ROOTS);
      if (path === undefined) return;
      expect(path).not.toMatch(/^\/|(^|\/)\.\.?(\/|$)|\/\/|\/$/);
      expect(treePath(path, ROOTS)).toBe(path);
    }),
  );
});

const BASE: PrintedTree = [
  { path: "same.tf", id: "1" },
  { path: "other.tf", id: "1" },
  { path: "gone.tf", id: "1" },
  { path: "plain.tf" },
];

test.each([
  ["the same id", { path: "same.tf", id: "1" }, false],
  ["another id", { path: "other.tf", id: "2" }, true],
  ["a path that the base has not", { path: "new.tf", id: "1" }, true],
  ["what is said beside an equal id", { path: "same.tf", id: "1", changed: true }, true],
  ["what is said beside another id", { path: "other.tf", id: "2", changed: false }, false],
  ["no id", { path: "same.tf" }, undefined],
  ["an id that the base has not", { path: "plain.tf", id: "1" }, undefined],
  ["null for nothing", { path: "same.tf", id: null, changed: null }, undefined],
])("%s", (_, file, changed) => {
  expect(resolveTree([file], BASE).files).toEqual([
    { path: file.path, ...(changed === undefined ? {} : { changed }) },
  ]);
});

test("what only the base has is gone, and nothing is where the base was not looked at", () => {
  const head = [{ path: "same.tf", id: "1" }];
  expect(resolveTree(head, BASE).removed).toEqual(["other.tf", "gone.tf", "plain.tf"]);
  expect(resolveTree(head, undefined)).toEqual({ files: [{ path: "same.tf" }] });
});

test.each([
  [[{ path: "a", id: "1" }], true],
  [[{ path: "a", id: "1", changed: false }], false],
  [[{ path: "a" }], false],
  [[], false],
])("the base is looked at where an id alone speaks: %j", (tree, expected) => {
  expect(needsBase(tree)).toBe(expected);
});

test.each([
  [{ files: [] }],
  ["a.tf"],
  [["a.tf"]],
  [[{ id: "1" }]],
  [[{ path: "" }]],
  [[{ path: "a\0" }]],
  [[{ path: "a", changed: "yes" }]],
])("no list of files: %j", (printed) => {
  expect(PrintedTree.safeParse(printed).success).toBe(false);
});
