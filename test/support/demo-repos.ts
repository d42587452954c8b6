import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram } from "./run-program.ts";

/** A git repository as a stranger would bring it: a base branch, a head branch, files on both. */
export interface StrangersRepo {
  readonly path: string;
  commit(branch: string, files: Readonly<Record<string, string | null>>): void;
  /** Commit of a branch now, to see that nobody touched it. */
  tip(branch: string): string;
  remove(): void;
}

export function strangersRepo(files: Readonly<Record<string, string>>): StrangersRepo {
  const path = mkdtempSync(join(tmpdir(), "terrane-strange-"));
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      [
        "-c",
        "user.name=Stranger",
        "-c",
        "user.email=s@example.org",
        "-c",
        "commit.gpgsign=false",
        ...args,
      ],
      { cwd: path, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" },
    );
  git("init", "--quiet", "--initial-branch=main");
  const write = (changed: Readonly<Record<string, string | null>>) => {
    for (const [name, text] of Object.entries(changed)) {
      const full = join(path, name);
      if (text === null) rmSync(full, { recursive: true, force: true });
      else {
        mkdirSync(dirname(full), { recursive: true });
        writeFileSync(full, text);
      }
    }
    git("add", "--all");
    git("commit", "--quiet", "--message", "Change");
  };
  write(files);
  return {
    path,
    commit(branch, changed) {
      const known = git("branch", "--list", branch).trim() !== "";
      git("checkout", "--quiet", ...(known ? [branch] : ["-b", branch, "main"]));
      write(changed);
      git("checkout", "--quiet", "main");
    },
    tip: (branch) => git("rev-parse", branch).trim(),
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** What the last line of `demo --json` promises. */
export interface DemoOutput {
  readonly ok: boolean;
  readonly seconds: number;
  readonly pullRequests: number;
  readonly plans: number;
  readonly applies: number;
  readonly refusals: number;
  readonly comments: readonly string[];
  readonly refused: readonly { readonly code: string }[];
  readonly problems: readonly string[];
}

/** Runs the built demo as a person would; gives its exit status, its object, and everything it printed. */
export async function demo(args: readonly string[]): Promise<{
  readonly status: number;
  readonly output: DemoOutput;
  readonly printed: string;
}> {
  const ran = await runProgram(process.execPath, [
    "dist/cli.js",
    "demo",
    "--once",
    "--json",
    ...args,
  ]);
  const last = ran.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!last.startsWith("{"))
    throw new Error(`no object from the demo: ${ran.stdout}\n${ran.stderr}`);
  return {
    status: ran.status,
    output: JSON.parse(last) as DemoOutput,
    printed: ran.stdout + ran.stderr,
  };
}

/** A root module that downloads nothing. */
export function rootModule(input: string): string {
  return `resource "terraform_data" "this" {\n  input = ${JSON.stringify(input)}\n}\n`;
}
