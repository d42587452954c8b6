import fc from "fast-check";
import { expect, test } from "vitest";
import { compareDirspaces, dirspaceKey, parseDir, parseWorkspace } from "./dirspace.ts";

test.each([
  ".",
  "a",
  "a/b/c",
  ".terraform",
  "a.b",
  "...",
  "a/..b/c..",
  "-x",
  "with space",
  "me@home+1",
  "ünïcode/日本",
  "e\u0301",
  "😀",
  "*?[]{}",
  "a:b",
  "~",
  "x".repeat(1024),
  "é".repeat(512),
])("%j is a directory, kept as written", (text) => {
  expect(parseDir(text)).toEqual({ kind: "ok", dir: text });
});

test.each([
  "",
  "/",
  "/a",
  "a/",
  "a//b",
  "./a",
  "a/.",
  "a/./b",
  "..",
  "../a",
  "a/../b",
  "a/..",
  "a\\b",
  "..\\a",
  "a\u0000b",
  "a\nb",
  "a\u001bb",
  "a\u007f",
  "a\u0085b",
  "\ud800",
  "a/\udc00/b",
  "x".repeat(1025),
  "é".repeat(513),
  "😀".repeat(257),
])("%j is no directory", (text) => {
  expect(parseDir(text)).toMatchObject({ kind: "error" });
});

test.each(["default", "a", "A-b_c.d", "..a", "x".repeat(90)])("%j is a workspace", (text) => {
  expect(parseWorkspace(text)).toEqual({ kind: "ok", workspace: text });
});

test.each(["", ".", "..", "-x", "a b", "a/b", "a:b", "é", "x".repeat(91), "a\n"])(
  "%j is no workspace",
  (text) => {
    expect(parseWorkspace(text)).toMatchObject({ kind: "error" });
  },
);

const dir = fc
  .string({ unit: fc.constantFrom(..."ab/.:-é") })
  .map(parseDir)
  .filter((parsed) => parsed.kind === "ok")
  .map((parsed) => parsed.dir);
const workspace = fc
  .string({ unit: fc.constantFrom(..."ab.-") })
  .map(parseWorkspace)
  .filter((parsed) => parsed.kind === "ok")
  .map((parsed) => parsed.workspace);
const dirspace = fc.record({ dir, workspace });

test("two dirspaces have the same key exactly when they are the same", () => {
  fc.assert(
    fc.property(dirspace, dirspace, (a, b) => {
      const same = a.dir === b.dir && a.workspace === b.workspace;
      expect(dirspaceKey(a) === dirspaceKey(b)).toBe(same);
      expect(compareDirspaces(a, b) === 0).toBe(same);
      expect(compareDirspaces(a, b)).toBe(-compareDirspaces(b, a) + 0);
    }),
  );
});

test("a directory that is accepted stays below the root however it is joined", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."a./\\\u0000") }), (text) => {
      if (parseDir(text).kind === "error" || text === ".") return;
      const segments = text.split("/");
      expect(segments.every((one) => one !== "" && one !== "." && one !== "..")).toBe(true);
    }),
  );
});
