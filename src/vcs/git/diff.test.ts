import fc from "fast-check";
import { expect, test } from "vitest";
import type { FileChange } from "../../core/pull-request.ts";
import { parseNameStatus } from "./diff.ts";

test.each<[string, readonly FileChange[]]>([
  ["", []],
  ["A\0a.tf\0", [{ kind: "added", path: "a.tf" }]],
  ["M\0a.tf\0", [{ kind: "modified", path: "a.tf" }]],
  ["T\0a.tf\0", [{ kind: "modified", path: "a.tf" }]],
  ["D\0a.tf\0", [{ kind: "deleted", path: "a.tf" }]],
  ["R100\0a.tf\0b.tf\0", [{ kind: "renamed", from: "a.tf", to: "b.tf" }]],
  ["C075\0a.tf\0b.tf\0", [{ kind: "added", path: "b.tf" }]],
  [
    "R051\0M\0D\0A\0R100\0",
    [
      { kind: "renamed", from: "M", to: "D" },
      { kind: "added", path: "R100" },
    ],
  ],
])("git's name status %j is read as what changed", (text, changes) => {
  expect(parseNameStatus(text)).toEqual(changes);
});

test("any list of changes with any names survives the way through git's format", () => {
  const path = fc.string({ minLength: 1 }).filter((text) => !text.includes("\0"));
  const change = fc.oneof(
    fc.record({ kind: fc.constantFrom("added", "modified", "deleted"), path }),
    fc.record({ kind: fc.constant("renamed" as const), from: path, to: path }),
  );
  const status = { added: "A", modified: "M", deleted: "D" } as const;
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const text = changes.map((each) =>
        each.kind === "renamed"
          ? `R087\0${each.from}\0${each.to}\0`
          : `${status[each.kind]}\0${each.path}\0`,
      );
      expect(parseNameStatus(text.join(""))).toEqual(changes);
    }),
  );
});
