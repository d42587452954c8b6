import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Lock, missingOptional } from "./complete-lock.ts";
import { treeFiles } from "./files.ts";
import { badSubjects } from "./tidy/commits.ts";
import { oneTitle } from "./tidy/markdown.ts";
import { changedMigrations, type Released } from "./tidy/migrations.ts";
import { type Ratchet, tooLong } from "./tidy/size.ts";
import type { TreeFile } from "./tidy/tree-file.ts";
import { leftOvers, lockFileHosts, machineTraces, vendorWords } from "./tidy/words.ts";

/** Recordings of the outside world are as they are. */
const RECORDED = /\/fixtures\/|^test\/history\//;
const TEXT =
  /\.(?:ts|tsx|mjs|cjs|js|json|sql|css|html|md|ya?ml|sh|toml|svg)$|\/[A-Z]+$|^\.ci\/run$/;
/** Commits that the rule looks at: enough for every change, few enough to forgive history. */
const COMMITS_LOOKED_AT = 20;

const tree: readonly TreeFile[] = treeFiles(".")
  .filter((path) => TEXT.test(path) && !RECORDED.test(path))
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

test("the tree was read", () => {
  expect(tree.map((file) => file.path)).toContain("tools/tidy.test.ts");
  expect(tree.length).toBeGreaterThan(50);
});

test("files and functions are short, and long ones only get shorter", () => {
  expect(tooLong(tree, json("tools/tidy/ratchet.json") as Ratchet)).toEqual([]);
});

test("a vendor's name stays inside its adapter", () => {
  expect(tree.flatMap(vendorWords)).toEqual([]);
});

test("what is left for later names its issue", () => {
  expect(tree.flatMap(leftOvers)).toEqual([]);
});

test("no path of one machine and no registry's host is in the tree", () => {
  expect(tree.flatMap(machineTraces)).toEqual([]);
  expect(tree.flatMap(lockFileHosts)).toEqual([]);
});

test("npm ci accepts the lock file on every platform (npx tsx tools/complete-lock.ts)", () => {
  expect(missingOptional(json("package-lock.json") as Lock)).toEqual([]);
});

test("every page has one title", () => {
  expect(tree.flatMap(oneTitle)).toEqual([]);
});

test("a released migration never changes", () => {
  const released = json("tools/tidy/released-migrations.json") as Released;
  expect(changedMigrations(tree, released)).toEqual([]);
});

test("a commit's subject names its area", () => {
  const log = execFileSync("git", ["log", "--no-merges", `-${COMMITS_LOOKED_AT}`, "--format=%s"], {
    encoding: "utf8",
  });
  const folders = [".", "src"].flatMap((path) =>
    readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()),
  );
  const areas = new Set([...folders.map((folder) => folder.name), ...WHOLE_AREAS]);
  expect(badSubjects(log.trim().split("\n"), areas)).toEqual([]);
});

/** Areas that are no folder: a change to all of it, to its packages, or to a feature across folders. */
const WHOLE_AREAS = [
  "access",
  "all",
  "bench",
  "build",
  "ci",
  "config",
  "deps",
  "docs",
  "forge",
  "house",
  "lint",
  "readme",
  "release",
  "security",
];
