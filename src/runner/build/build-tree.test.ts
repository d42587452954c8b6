import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Masker } from "../mask.ts";
import { Stop } from "../stop.ts";
import { buildTree } from "./build-tree.ts";

const scratch = mkdtempSync(join(tmpdir(), "terrane-tree-"));
const root = join(scratch, "checkout");
const folder = join(scratch, "builders");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const env = { PATH: process.env["PATH"] ?? "" };

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: root, encoding: "utf8" }).trim();
}

function commit(version: string): string {
  writeFileSync(join(root, "version"), version);
  git("add", "--all");
  git("commit", "-qm", version);
  return git("rev-parse", "HEAD");
}

test("ids are compared also where a job before was killed while its script ran in the base", async () => {
  mkdirSync(root);
  git("init", "-q", "-b", "main");
  const baseSha = commit("1");
  const headSha = commit("2");
  git("worktree", "add", "-q", "--detach", join(folder, "base"), baseSha);
  rmSync(folder, { recursive: true });
  const text = `printf '[{"path": "main.tf", "id": "%s"}]' "$(cat version)"`;
  const built = await buildTree(
    { text, cwd: root, env },
    { headSha, baseSha },
    { masker: new Masker(), stop: new Stop(), graceMs: 200, folder, gitEnv: env, log: () => {} },
  );
  const files = [{ path: "main.tf", changed: true }];
  expect(built).toEqual({ kind: "built", tree: { files, removed: [] } });
});
