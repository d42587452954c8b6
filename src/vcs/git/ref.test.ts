import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { isBranchName } from "./ref.ts";

const NAMES = [
  "main",
  "feature/a",
  "a.b",
  "ünï",
  "🎉",
  "a-b_c+d=e,f",
  "dependabot/npm_and_yarn/x-1.0",
  "x@y",
  "",
  "-x",
  "--upload-pack=x",
  "a b",
  "a..b",
  "a~1",
  "a^",
  "a:b",
  "a?b",
  "a*",
  "a[b",
  "a\\b",
  "a@{0}",
  "@",
  "HEAD",
  "/a",
  "a/",
  "a//b",
  ".a",
  "a/.b",
  "a.",
  "a.lock",
  "a.lock/b",
  "a\u0001b",
  "a\u007fb",
  "a\nb",
];

function gitTakes(name: string): boolean {
  try {
    execFileSync("git", ["check-ref-format", "--branch", name], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.each(NAMES)("branch name %j is taken exactly when git takes it", (name) => {
  expect(isBranchName(name)).toBe(gitTakes(name));
});

test("a branch name longer than a file name can be is refused", () => {
  expect(isBranchName("x".repeat(244))).toBe(true);
  expect(isBranchName("x".repeat(245))).toBe(false);
});
