import fc from "fast-check";
import { expect, test } from "vitest";
import { configOf, dirspace } from "../../../test/support/change.ts";
import { formatNode } from "../query/format.ts";
import { matches } from "../query/match.ts";
import type { Node, Query } from "../query/query.ts";
import { dirspaceTags } from "./auto-tags.ts";
import { buildCandidates } from "./candidates.ts";
import { derive } from "./derive.ts";

const DIRS = ["base", "a/base", "a/app", "b/base", "b/app", "b/app/db"];
const CONFIG = configOf('dirs: {"a/*": {tags: [left]}, "b/**": {tags: [right, deep]}}');
const { dirspaces } = derive(
  CONFIG,
  { files: DIRS.map((dir) => `${dir}/main.tf`) },
  { branch: "x", destBranch: "y" },
);

const leaf = fc.oneof(
  fc
    .constantFrom("left", "right", "deep", "dir:base", "dir:b/app", "workspace:default", "none")
    .map((tag): Node => ({ kind: "tag", tag })),
  fc
    .constantFrom("app", "b/app", "app/db", "db", "")
    .map((path): Node => ({ kind: "in_dir", segments: path === "" ? [] : path.split("/") })),
  fc
    .constantFrom("../base", "../../base", "..", ".", "../../../x")
    .map((path): Node => ({ kind: "relative_dir", path })),
);
const node = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie("node").map((operand): Node => ({ kind: "not", operand })),
    fc
      .tuple(
        fc.constantFrom("and" as const, "or" as const),
        fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, operands]): Node => ({ kind, operands })),
  ),
})).node;

test("narrowing never loses a dirspace that the query matches", () => {
  fc.assert(
    fc.property(node, fc.constantFrom(...DIRS), (root, workingDir) => {
      const query: Query = { text: formatNode(root), root };
      const tagsOf = (position: number) => {
        const { dirspace: one = dirspace("."), rule } = dirspaces[position] ?? {};
        return rule === undefined ? new Set<string>() : dirspaceTags(one, rule, []);
      };
      const found = buildCandidates(dirspaces, tagsOf, [query]).find(query, workingDir);
      for (const [position, entry] of dirspaces.entries()) {
        const subject = { tags: tagsOf(position), dir: entry.dirspace.dir, workingDir };
        if (!matches(query, subject)) continue;
        expect(found === "all" || found.includes(position)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("a tag, a directory or a path narrows", () => {
  const named = (root: Node) => {
    const query: Query = { text: "", root };
    return buildCandidates(dirspaces, () => new Set(["t"]), [query]).find(query, "a/app");
  };
  expect(named({ kind: "tag", tag: "none" })).toEqual([]);
  expect(named({ kind: "relative_dir", path: "../base" })).toHaveLength(1);
  expect(named({ kind: "in_dir", segments: ["db"] })).toHaveLength(1);
});
