import fc from "fast-check";
import { expect, test } from "vitest";
import { filesOf } from "./diff.ts";

const DIFF = `diff --git a/network/main.tf b/network/main.tf
index 1..2 100644
--- a/network/main.tf
+++ b/network/main.tf
@@ -1,3 +1,3 @@ resource
 a
--- b
+++ c
 d
diff --git a/new.tf b/new.tf
new file mode 100644
--- /dev/null
+++ b/new.tf
@@ -0,0 +1 @@
+x
\\ No newline at end of file
`;

test("a diff is read into files with numbered lines", () => {
  const { files, cut } = filesOf(DIFF);
  expect(cut).toBe(false);
  expect(files.map(({ path, added, removed }) => [path, added, removed])).toEqual([
    ["network/main.tf", 1, 1],
    ["new.tf", 1, 0],
  ]);
  expect(files[0]?.lines.map((line) => [line.kind, line.before, line.after, line.text])).toEqual([
    ["hunk", undefined, undefined, "@@ -1,3 +1,3 @@ resource"],
    ["same", 1, 1, "a"],
    ["removed", 2, undefined, "-- b"],
    ["added", undefined, 2, "++ c"],
    ["same", 3, 3, "d"],
  ]);
});

test("a hunk that was cut does not swallow the next file", () => {
  const cut = DIFF.replace("-1,3 +1,3", "-1,30 +1,30");
  expect(filesOf(cut).files.map(({ path }) => path)).toEqual(["network/main.tf", "new.tf"]);
});

test("text that is no diff shows nothing and breaks nothing", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(filesOf(text).files).toEqual([]);
    }),
  );
});
