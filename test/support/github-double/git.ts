import { spawn } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";

export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Who commits; `at` makes the id of the commit reproducible. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly at: Date;
}

/** Runs git in a bare repository and gives what it said, also when it failed. */
export function tryGit(
  gitDir: string,
  args: readonly string[],
  input?: string | Buffer,
): Promise<Ran> {
  return runGit(gitDir, args, input, {});
}

function runGit(
  gitDir: string,
  args: readonly string[],
  input: string | Buffer | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", [`--git-dir=${gitDir}`, ...args], {
      env: {
        ...process.env,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_LITERAL_PATHSPECS: "1",
        GIT_TERMINAL_PROMPT: "0",
        ...env,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.stdin.on("error", () => {});
    child.on("close", (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out),
        stderr: Buffer.concat(err).toString("utf8"),
      }),
    );
    child.stdin.end(input ?? "");
  });
}

/** Runs git and gives its output; a failure is a bug of the double or of the test, so it throws. */
export async function git(
  gitDir: string,
  args: readonly string[],
  input?: string | Buffer,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const ran = await runGit(gitDir, args, input, env);
  if (ran.code !== 0) throw new Error(`git ${args.join(" ")}: ${ran.stderr.trim()}`);
  return ran.stdout.toString("utf8");
}

export async function initBare(gitDir: string, defaultBranch: string): Promise<void> {
  await mkdir(gitDir, { recursive: true });
  await git(gitDir, ["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`]);
  await appendFile(join(gitDir, "config"), SERVER_CONFIG);
}

const SERVER_CONFIG = `[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
[gc]
\tauto = 0
`;

/** Branch name → commit. */
export async function readBranches(gitDir: string): Promise<Map<string, string>> {
  const text = await git(gitDir, [
    "for-each-ref",
    "--format=%(objectname) %(refname)",
    "refs/heads/",
  ]);
  const branches = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    branches.set(
      line.slice(line.indexOf(" ") + 1 + "refs/heads/".length),
      line.slice(0, line.indexOf(" ")),
    );
  }
  return branches;
}

/** The commit that a branch, tag, `refs/…` or sha names. */
export async function resolveCommit(gitDir: string, rev: string): Promise<string | undefined> {
  if (rev === "" || rev.startsWith("-")) return undefined;
  const names = /^[0-9a-f]{40}$/.test(rev) ? [rev] : [`refs/heads/${rev}`, `refs/tags/${rev}`, rev];
  for (const name of names) {
    const ran = await tryGit(gitDir, ["rev-parse", "--verify", "--quiet", `${name}^{commit}`]);
    if (ran.code === 0) return ran.stdout.toString("utf8").trim();
  }
  return undefined;
}

export async function mergeBase(gitDir: string, a: string, b: string): Promise<string | undefined> {
  const ran = await tryGit(gitDir, ["merge-base", a, b]);
  return ran.code === 0 ? ran.stdout.toString("utf8").trim() : undefined;
}

export async function isAncestor(gitDir: string, ancestor: string, of: string): Promise<boolean> {
  return (await tryGit(gitDir, ["merge-base", "--is-ancestor", ancestor, of])).code === 0;
}

/** The tree of both merged, or undefined where they conflict. */
export async function mergeTrees(
  gitDir: string,
  ours: string,
  theirs: string,
): Promise<string | undefined> {
  const ran = await tryGit(gitDir, ["merge-tree", "--write-tree", ours, theirs]);
  return ran.code === 0 ? ran.stdout.toString("utf8").split("\n", 1)[0] : undefined;
}

export async function commitTree(
  gitDir: string,
  tree: string,
  parents: readonly string[],
  message: string,
  author: Person,
  committer: Person = author,
): Promise<string> {
  const flags = parents.flatMap((parent) => ["-p", parent]);
  const out = await git(gitDir, ["commit-tree", tree, ...flags], message, {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: stamp(author.at),
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: stamp(committer.at),
  });
  return out.trim();
}

export async function updateRef(gitDir: string, ref: string, sha: string): Promise<void> {
  await git(gitDir, ["update-ref", ref, sha]);
}

export async function deleteRef(gitDir: string, ref: string): Promise<void> {
  await git(gitDir, ["update-ref", "-d", ref]);
}

/** New content of a path; `null` deletes it, a symlink points somewhere. */
export type FileContent =
  | string
  | null
  | { readonly symlink: string }
  | { readonly executable: string };

/** Commits files onto a branch in one `fast-import`, which takes thousands of files as fast as one. */
export async function commitFiles(
  gitDir: string,
  change: {
    readonly branch: string;
    readonly parent: string | undefined;
    readonly files: Readonly<Record<string, FileContent>>;
    readonly message: string;
    readonly author: Person;
  },
): Promise<string> {
  const lines: string[] = [];
  const who = `${change.author.name} <${change.author.email}> ${stamp(change.author.at)}`;
  lines.push(`commit refs/heads/${change.branch}\n`, `author ${who}\n`, `committer ${who}\n`);
  lines.push(data(change.message));
  if (change.parent !== undefined) lines.push(`from ${change.parent}\n`);
  for (const [path, content] of Object.entries(change.files)) {
    const name = quote(path);
    if (content === null) lines.push(`D ${name}\n`);
    else if (typeof content === "string") lines.push(`M 100644 inline ${name}\n`, data(content));
    else if ("symlink" in content) lines.push(`M 120000 inline ${name}\n`, data(content.symlink));
    else lines.push(`M 100755 inline ${name}\n`, data(content.executable));
  }
  await git(gitDir, ["fast-import", "--quiet", "--force", "--date-format=raw"], lines.join(""));
  return (await git(gitDir, ["rev-parse", `refs/heads/${change.branch}`])).trim();
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function quote(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}

function stamp(at: Date): string {
  return `${Math.floor(at.getTime() / 1000)} +0000`;
}
