import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type CommitSha, parseCommitSha } from "../../src/core/ids.ts";
import type { FileContents } from "./vcs-harness.ts";

const run = promisify(execFile);

/** A person's clone: commits files and pushes them with the ordinary git client. */
export interface GitWorkspace {
  readonly dir: string;
  git(...args: readonly string[]): Promise<string>;
  push(
    branch: string,
    files: FileContents,
    options?: { readonly from?: string; readonly amend?: boolean },
  ): Promise<CommitSha>;
  /** Commits that the submodule at `path` is at `commit` of its own repository, and pushes. */
  pushSubmodule(branch: string, path: string, commit: CommitSha): Promise<CommitSha>;
  deleteBranch(branch: string): Promise<void>;
  head(branch: string): Promise<CommitSha | undefined>;
  read(branch: string, path: string): Promise<string | undefined>;
  remove(): Promise<void>;
}

const IDENTITY = ["-c", "user.name=Test Person", "-c", "user.email=person@example.test"];

/** `remote` is a path or a URL that may still be empty. */
export async function cloneWorkspace(
  remote: string,
  defaultBranch: string,
  config: readonly string[] = [],
): Promise<GitWorkspace> {
  const dir = await mkdtemp(join(tmpdir(), "terrane-clone-"));
  const options = [...IDENTITY, ...config.flatMap((setting) => ["-c", setting])];
  const env = { PATH: process.env["PATH"], HOME: dir, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };

  async function git(...args: readonly string[]): Promise<string> {
    const { stdout } = await run("git", ["-C", dir, ...options, ...args], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trim();
  }

  async function remoteHead(branch: string): Promise<CommitSha | undefined> {
    const line = await git("ls-remote", remote, `refs/heads/${branch}`);
    return parseCommitSha(line.split("\t")[0] ?? "");
  }

  async function checkOut(branch: string, from: string): Promise<void> {
    await git("fetch", "-q", "--prune", "origin");
    if ((await remoteHead(branch)) !== undefined) {
      await git("checkout", "-q", "-f", "-B", branch, `origin/${branch}`);
    } else if ((await remoteHead(from)) !== undefined) {
      await git("checkout", "-q", "-f", "--no-track", "-B", branch, `origin/${from}`);
    } else {
      await git("checkout", "-q", "-f", "--orphan", branch);
    }
    await git("clean", "-q", "-fdx");
  }

  async function commitAndPush(branch: string, isAmended: boolean): Promise<CommitSha> {
    const amend = isAmended ? ["--amend"] : [];
    await git("commit", "-q", "--allow-empty", "-m", `change ${branch}`, ...amend);
    const force = isAmended ? ["--force"] : [];
    await git("push", "-q", ...force, "origin", `HEAD:refs/heads/${branch}`);
    const sha = parseCommitSha(await git("rev-parse", "HEAD"));
    if (sha === undefined) throw new Error("git rev-parse printed no commit id");
    return sha;
  }

  await git("init", "-q", "-b", defaultBranch);
  await git("remote", "add", "origin", remote);

  return {
    dir,
    git,
    head: remoteHead,
    async push(branch, files, pushed = {}) {
      await checkOut(branch, pushed.from ?? defaultBranch);
      for (const [path, content] of Object.entries(files)) {
        const file = join(dir, path);
        if (content === null) await rm(file);
        else {
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, content);
        }
      }
      await git("add", "-A", "-f");
      return await commitAndPush(branch, pushed.amend === true);
    },
    async pushSubmodule(branch, path, commit) {
      await checkOut(branch, defaultBranch);
      await git("update-index", "--add", "--cacheinfo", `160000,${commit},${path}`);
      return await commitAndPush(branch, false);
    },
    async deleteBranch(branch) {
      await git("push", "-q", "origin", `:refs/heads/${branch}`);
    },
    async read(branch, path) {
      await checkOut(branch, branch);
      return readFile(join(dir, path), "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
