import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { brokenWalls } from "./walls.ts";

const trees: string[] = [];

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

/** A small repository of its own, with our packages. */
function plant(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "walls-"));
  trees.push(root);
  for (const name of ["package.json", "tsconfig.base.json"]) cpSync(name, join(root, name));
  symlinkSync(join(process.cwd(), "node_modules"), join(root, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: root });
  return root;
}

test("a tree that keeps its walls has nothing to report", () => {
  const root = plant({
    "src/base/a.ts": "export const a = 1;",
    "src/core/b.ts":
      'import { a } from "../base/a.ts";\nimport { z } from "zod";\nexport const b = z.literal(a);',
    "src/core/b.test.ts":
      'import { expect } from "vitest";\nimport { b } from "./b.ts";\nexpect(b);',
    "src/contract/c.ts": 'import * as z from "zod/mini";\nexport const c = z.string();',
    "src/vcs/local/d.ts":
      'import { readFile } from "node:fs/promises";\nexport const d = readFile;',
  });
  expect(brokenWalls(root)).toEqual([]);
});

test("every kind of broken wall is named", () => {
  const root = plant({
    "src/base/a.ts": 'export { b } from "../core/b.ts";',
    "src/core/b.ts": 'import { readFileSync } from "node:fs";\nexport const b = readFileSync;',
    "src/core/c.ts": 'export type { Hono } from "hono";',
    "src/contract/d.ts": 'export { z } from "zod";',
    "src/vcs/local/e.ts": 'export { f } from "../other/f.ts";',
    "src/vcs/other/f.ts": "export const f = 1;",
    "src/ci/local.ts": 'export { g } from "./gitlab-ci.ts";',
    "src/ci/gitlab-ci.ts": "export const g = 1;",
    "src/engine/h.ts": 'export { i } from "./i.ts";',
    "src/engine/i.ts": 'export { i } from "./h.ts";',
    "src/http/j.ts": 'export { k } from "../main/k.ts";\nexport { l } from "../http/j.test.ts";',
    "src/http/j.test.ts": "export const l = 1;",
    "src/main/k.ts":
      'export { default as k } from "esbuild";\nexport { default as l } from "picocolors";\nexport { nowhere } from "./nowhere.ts";',
  });
  const rules = new Set(brokenWalls(root).map((line) => line.split(":")[0]));
  expect(rules).toEqual(
    new Set([
      "base-arrows",
      "ci-adapters-never-meet",
      "contract-mini",
      "core-packages",
      "http-arrows",
      "main-is-the-top",
      "no-circles",
      "no-development-packages-in-production",
      "no-tests-in-production",
      "no-unlisted-packages",
      "resolves",
      "vcs-adapters-never-meet",
    ]),
  );
});

test("a report about an empty tree is not a green one", () => {
  expect(brokenWalls(plant({ "elsewhere.ts": "", "src/base/notes.md": "" }))).toContainEqual(
    expect.stringContaining("proves nothing"),
  );
});
