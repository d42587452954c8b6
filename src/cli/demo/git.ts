import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "../host.ts";

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const IDENTITY = [
  ["user.name", "Terrane demo"],
  ["user.email", "demo@localhost"],
  ["commit.gpgsign", "false"],
  ["init.defaultBranch", "main"],
  // The owner of a scratch clone may be another account than ours.
  ["safe.directory", "*"],
].flatMap(([key, value]) => ["-c", `${key}=${value}`]);

/** Runs git in a directory, without a shell, without the person's configuration, hooks and prompts. */
export type Git = (cwd: string, ...args: readonly string[]) => Promise<string>;

export function gitOf(searchPath: string): Git {
  return (cwd, ...args) => runGit(searchPath, cwd, args);
}

async function runGit(searchPath: string, cwd: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run("git", [...IDENTITY, ...args], {
      cwd,
      maxBuffer: OUTPUT_BYTES_MAX,
      env: { PATH: searchPath, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" },
    });
    return stdout;
  } catch (error) {
    const stderr = (error as { stderr?: string }).stderr?.trim();
    throw new UsageError(
      `git ${args[0] ?? ""} did not work: ${stderr ?? String(error)}`,
      "Run `terrane doctor` to see whether git is there.",
    );
  }
}

export async function writeFiles(
  root: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, text);
  }
}

/** Commits everything in the work tree on a branch and pushes it. */
export async function commitAndPush(
  git: Git,
  cwd: string,
  branch: string,
  message: string,
): Promise<void> {
  await git(cwd, "add", "--all");
  await git(cwd, "commit", "--quiet", "--message", message);
  await git(cwd, "push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
}
