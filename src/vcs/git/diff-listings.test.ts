import fc from "fast-check";
import { expect, test } from "vitest";
import { diffListings, type TreeFile } from "./diff-listings.ts";

/** What git calls content without a byte. */
const EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

function file(path: string, sha: string, more: Partial<TreeFile> = {}): TreeFile {
  return { path, sha, mode: "100644", ...more };
}

test.each([
  ["nothing", [file("a", "1")], [file("a", "1")], []],
  ["a new file", [], [file("a", "1")], [{ kind: "added", path: "a" }]],
  ["a file that is gone", [file("a", "1")], [], [{ kind: "deleted", path: "a" }]],
  ["other content", [file("a", "1")], [file("a", "2")], [{ kind: "modified", path: "a" }]],
  [
    "another mode",
    [file("a", "1")],
    [file("a", "1", { mode: "100755" })],
    [{ kind: "modified", path: "a" }],
  ],
  ["a move", [file("a", "1")], [file("b", "1")], [{ kind: "renamed", from: "a", to: "b" }]],
  ["a copy", [file("a", "1")], [file("a", "1"), file("b", "1")], [{ kind: "added", path: "b" }]],
  [
    "an empty file here and another there",
    [file("a", EMPTY)],
    [file("b", EMPTY)],
    [
      { kind: "added", path: "b" },
      { kind: "deleted", path: "a" },
    ],
  ],
  [
    "two alike of which one moved",
    [file("a", "1"), file("b", "1")],
    [file("c", "1")],
    [
      { kind: "renamed", from: "a", to: "c" },
      { kind: "deleted", path: "b" },
    ],
  ],
] as const)("%s is seen between two listings", (_, before, after, changes) => {
  expect(diffListings(before, after)).toEqual(changes);
});

test("every path that differs is named once on its side, and no other", () => {
  const tree = fc.uniqueArray(
    fc.record({
      path: fc.constantFrom(..."abcdefgh"),
      sha: fc.constantFrom("1", "2", "3"),
      mode: fc.constant("100644"),
    }),
    { selector: ({ path }) => path },
  );
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const was = new Map(before.map(({ path, sha }) => [path, sha]));
      const is = new Map(after.map(({ path, sha }) => [path, sha]));
      const gone = [...was.keys()].filter((path) => !is.has(path));
      const come = [...is.keys()].filter((path) => !was.has(path));
      const edited = [...is.keys()].filter(
        (path) => was.has(path) && was.get(path) !== is.get(path),
      );
      const changes = diffListings(before, after);
      const of = (kind: string) =>
        changes.flatMap((c) => (c.kind === kind && c.kind !== "renamed" ? [c.path] : []));
      const moves = changes.flatMap((c) => (c.kind === "renamed" ? [c] : []));
      expect([...of("deleted"), ...moves.map((m) => m.from)].toSorted()).toEqual(gone.toSorted());
      expect([...of("added"), ...moves.map((m) => m.to)].toSorted()).toEqual(come.toSorted());
      expect(of("modified").toSorted()).toEqual(edited.toSorted());
    }),
  );
});
