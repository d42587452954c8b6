import { expect, test } from "vitest";
import type { FileChange } from "../pull-request.ts";
import { applyChanges } from "./apply-changes.ts";

const FILES = ["a/x.tf", "b/y.tf"];

test.each<[string, readonly FileChange[], readonly string[]]>([
  ["nothing changes", [], FILES],
  ["a file that is there stays once", [{ kind: "modified", path: "a/x.tf" }], FILES],
  ["a new file is there", [{ kind: "modified", path: "c.tf" }], [...FILES, "c.tf"]],
  ["a deleted file is gone", [{ kind: "deleted", path: "a/x.tf" }], ["b/y.tf"]],
  [
    "a moved file is elsewhere",
    [{ kind: "renamed", from: "a/x.tf", to: "z.tf" }],
    ["b/y.tf", "z.tf"],
  ],
  [
    "two files change places",
    [
      { kind: "renamed", from: "a/x.tf", to: "b/y.tf" },
      { kind: "renamed", from: "b/y.tf", to: "a/x.tf" },
    ],
    ["b/y.tf", "a/x.tf"],
  ],
])("%s", (_rule, changes, files) => {
  expect(applyChanges(FILES, changes)).toEqual(files);
});
