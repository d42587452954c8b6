import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fingerprint } from "./ledger.ts";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ledger-"));
  execFileSync("git", ["init", "-q"], { cwd: root });
  writeFileSync(join(root, ".gitignore"), "dist/\n.cache\n");
  writeFileSync(join(root, "a.ts"), "1");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

test.each([
  ["a change", "a.ts", "2"],
  ["a new file that git does not know yet", "b.ts", "1"],
])("a result is not reused after %s", (_case, path, text) => {
  const before = fingerprint(root);
  expect(fingerprint(root)).toBe(before);
  writeFileSync(join(root, path), text);
  expect(fingerprint(root)).not.toBe(before);
});

test("a result is not reused after a file is gone, and is after it is back", () => {
  const before = fingerprint(root);
  rmSync(join(root, "a.ts"));
  expect(fingerprint(root)).not.toBe(before);
  writeFileSync(join(root, "a.ts"), "1");
  expect(fingerprint(root)).toBe(before);
});

test("what git ignores changes nothing", () => {
  const before = fingerprint(root);
  writeFileSync(join(root, ".cache"), "1");
  expect(fingerprint(root)).toBe(before);
});
