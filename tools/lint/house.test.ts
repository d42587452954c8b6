import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** What each file says, and the rules that must find it. */
const PLANTED: readonly (readonly [string, string, readonly string[]])[] = [
  ["src/core/throws.ts", 'throw new Error("no");', ["house/no-throw"]],
  [
    "src/core/asserts.ts",
    'import { AssertionError } from "../base/assert.ts";\nthrow new AssertionError("S1");',
    [],
  ],
  ["src/engine/throws.ts", 'throw new Error("no");', []],
  ["src/core/now.ts", "export const now = Date.now();", ["house/no-ambient"]],
  ["src/core/today.ts", "export const today = new Date();", ["house/no-ambient"]],
  ["src/core/instant.ts", "export const instant = new Date(0).toISOString();", []],
  ["src/core/local.ts", "export const hour = new Date(0).getHours();", ["house/no-ambient"]],
  ["src/core/locale.ts", 'export const order = "a".localeCompare("b");', ["house/no-ambient"]],
  ["src/core/dice.ts", "export const dice = Math.random();", ["house/no-ambient"]],
  [
    "src/core/waits.ts",
    "export async function wait(): Promise<void> {\n  await Promise.resolve();\n}",
    ["house/no-async"],
  ],
  ["src/core/timer.ts", "setTimeout(() => 1, 1);", ["eslint/no-restricted-globals"]],
  ["src/core/fetches.ts", "export const get = fetch;", ["eslint/no-restricted-globals"]],
  [
    "src/http/pattern.ts",
    "export const match = (text: string): RegExp => new RegExp(text);",
    ["house/no-dynamic-regexp"],
  ],
  [
    "src/http/constant.ts",
    "const WORD = /a/;\nexport const words = new RegExp(`^$" + "{WORD.source}$`);",
    [],
  ],
  [
    "src/runner/shell.ts",
    'import { spawn } from "node:child_process";\nspawn("ls", { shell: true });',
    ["house/no-shell"],
  ],
  [
    "src/runner/exec.ts",
    'import { exec } from "node:child_process";\nexec("ls");',
    ["house/no-shell"],
  ],
  ["src/store/env.ts", "export const url = process.env.URL;", ["house/no-process-env"]],
  ["src/main/env.ts", "export const url = process.env.URL;", []],
  ["src/store/state.ts", "export let open = 0;\nopen += 1;", ["house/no-module-state"]],
  [
    "src/core/name.test.ts",
    'import { expect, test } from "vitest";\ntest("should decide", () => expect(1).toBe(1));',
    ["house/test-name"],
  ],
  [
    "src/engine/floating.ts",
    'import { readFile } from "node:fs/promises";\nreadFile("a");',
    ["typescript/no-floating-promises"],
  ],
  [
    "src/engine/floating.test.ts",
    'import { readFile } from "node:fs/promises";\nreadFile("a");',
    ["typescript/no-floating-promises"],
  ],
  [
    "src/engine/open.ts",
    'export function f(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}',
    ["typescript/switch-exhaustiveness-check"],
  ],
  ["src/engine/any.ts", "export const x: any = 1;", ["typescript/no-explicit-any"]],
  ["src/engine/quiet.ts", "// @ts-ignore\nexport const x = 1;", ["typescript/ban-ts-comment"]],
];

test("every planted violation is found, and nothing else", () => {
  const root = mkdtempSync(join(tmpdir(), "lint-"));
  try {
    plant(root);
    const found = lint(root);
    const expected = PLANTED.map(([path, , rules]) => [path, rules]);
    expect(PLANTED.map(([path]) => [path, found.get(path) ?? []])).toEqual(expected);
  } finally {
    rmSync(root, { recursive: true });
  }
});

function plant(root: string): void {
  for (const path of [".oxlintrc.json", "package.json", "tsconfig.base.json", "tools/lint"]) {
    cpSync(path, join(root, path), { recursive: true });
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(root, "node_modules"));
  const tsconfig = {
    extends: "./tsconfig.base.json",
    compilerOptions: { types: ["node"] },
    include: ["src"],
  };
  const files = [
    ...PLANTED,
    ["src/base/assert.ts", "export class AssertionError extends Error {}"] as const,
    ["tsconfig.json", JSON.stringify(tsconfig)] as const,
  ];
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
}

/** Path → the rules that found something there. */
function lint(root: string): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(process.cwd(), "node_modules/.bin/oxlint");
  const json = outputOf(oxlint, ["--format=json", "src"], root);
  const report = JSON.parse(json) as {
    readonly diagnostics: readonly { readonly filename: string; readonly code: string }[];
  };
  const found = new Map<string, string[]>();
  for (const { filename, code } of report.diagnostics) {
    const rule = code.replace(/^([\w-]+)\((.+)\)$/, "$1/$2");
    const rules = found.get(filename) ?? [];
    if (!rules.includes(rule)) rules.push(rule);
    found.set(filename, rules);
  }
  return found;
}

/** The standard output, also of a program that exits with an error because it found something. */
function outputOf(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string") {
      return error.stdout;
    }
    throw error;
  }
}
