import { spawn } from "node:child_process";

/** What git answered. `failed`: it did not get so far as to exit by itself. */
export type GitRun =
  | {
      readonly kind: "exited";
      readonly code: number;
      readonly stdout: Buffer;
      readonly stderr: string;
    }
  | { readonly kind: "failed"; readonly message: string };

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** More output than this ends the command. */
  readonly bytesMax?: number;
  readonly timeoutMs?: number;
}

/** Where the git data are, and where the git program is looked for. */
export interface BareRepository {
  readonly dir: string;
  /** The `PATH` of the command. */
  readonly searchPath: string;
}

export const GIT_OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const GIT_ENV: Readonly<Record<string, string>> = {
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  // Replaced objects would make the same commit id mean two things.
  GIT_NO_REPLACE_OBJECTS: "1",
};

const GIT_STDERR_CHARS_MAX = 8_000;
const GIT_TIMEOUT_MS = 120_000;

/**
 * Runs git on a bare repository with an argument array, never through a shell. The configuration of
 * the machine and of the user does not apply, so that the same repository gives the same answers
 * everywhere; a person's aliases, hooks paths and diff programs never run here.
 */
export function git(
  repo: BareRepository,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitRun> {
  // The operator registered this directory; whose files they are no longer matters.
  const place = ["--git-dir", repo.dir, "-c", `safe.directory=${repo.dir}`];
  return runGit(repo.searchPath, [...place, ...args], options);
}

/** As `git`, for the commands that need no repository. */
export function runGit(
  searchPath: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitRun> {
  const bytesMax = options.bytesMax ?? GIT_OUTPUT_BYTES_MAX;
  const timeoutMs = options.timeoutMs ?? GIT_TIMEOUT_MS;
  return new Promise((resolve) => {
    const child = spawn("git", ["--literal-pathspecs", ...args], {
      env: { ...GIT_ENV, PATH: searchPath, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stderr = "";
    let failure: string | undefined;
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else if (failure === undefined) {
        failure = `git printed more than ${bytesMax} bytes`;
        child.kill("SIGKILL");
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-GIT_STDERR_CHARS_MAX);
    });
    // A git that exits early closes its input; its exit code says more than EPIPE.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => resolve({ kind: "failed", message: error.message }));
    child.on("close", (code, signal) => {
      if (failure !== undefined) resolve({ kind: "failed", message: failure });
      else if (code === null) {
        const message = `git was ended by ${signal ?? "a signal"}; its time limit is ${timeoutMs} ms`;
        resolve({ kind: "failed", message });
      } else resolve({ kind: "exited", code, stdout: Buffer.concat(chunks), stderr });
    });
  });
}

/** Git failed where it cannot for any reason that a caller could act on: disk, permissions, a bug. */
export class GitError extends Error {
  override readonly name = "GitError";
}

/** The output of a command that must succeed. */
export async function gitText(
  repo: BareRepository,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  const run = await git(repo, args, options);
  if (run.kind === "exited" && run.code === 0) return run.stdout.toString();
  throw new GitError(`git ${args[0] ?? ""}: ${explain(run)}`);
}

export function explain(run: GitRun): string {
  if (run.kind === "failed") return run.message;
  const said = run.stderr.trim();
  return said === "" ? `exit code ${run.code}` : said;
}
