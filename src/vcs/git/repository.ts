import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BareRepository, explain, git, gitText, runGit } from "./run.ts";

/** `merge-tree --write-tree` came with this version. */
const GIT_VERSION_MIN = [2, 38] as const;

export type GitCheck =
  | { readonly kind: "ok"; readonly version: string }
  | { readonly kind: "unusable"; readonly message: string };

export async function checkGit(searchPath: string): Promise<GitCheck> {
  const wanted = GIT_VERSION_MIN.join(".");
  const run = await runGit(searchPath, ["version"]);
  if (run.kind === "failed") {
    const message = `The git program does not start (${run.message}). Install git ${wanted} or newer.`;
    return { kind: "unusable", message };
  }
  const version = /\d+(?:\.\d+)+/.exec(run.stdout.toString())?.[0] ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor] = GIT_VERSION_MIN;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) {
    return { kind: "ok", version };
  }
  const message = `git ${version} cannot merge without a working tree. Install git ${wanted} or newer.`;
  return { kind: "unusable", message };
}

/** Makes an empty bare repository, or leaves the one that is there. */
export async function initBare(repo: BareRepository, branch: string): Promise<void> {
  await mkdir(dirname(repo.dir), { recursive: true });
  await gitText(repo, ["init", "--quiet", "--bare", `--initial-branch=${branch}`]);
}

/** Why a directory cannot be served, or its real path. */
export async function openBare(
  repo: BareRepository,
): Promise<
  | { readonly kind: "ok"; readonly dir: string }
  | { readonly kind: "unusable"; readonly message: string }
> {
  const run = await git(repo, ["rev-parse", "--is-bare-repository"]);
  if (run.kind === "failed" || run.code !== 0) {
    return { kind: "unusable", message: `${repo.dir} is no git repository: ${explain(run)}` };
  }
  if (run.stdout.toString().trim() !== "true") {
    const message = `${repo.dir} has a working tree. Make a bare one with git clone --bare.`;
    return { kind: "unusable", message };
  }
  return { kind: "ok", dir: await realpath(repo.dir) };
}

/**
 * Lets jobs fetch any commit, also without its files, and keeps every commit for ever: facts about
 * a commit stay true only while the commit can be read again.
 */
export async function configureBare(repo: BareRepository): Promise<void> {
  const settings = [
    ["uploadpack.allowAnySHA1InWant", "true"],
    ["uploadpack.allowFilter", "true"],
    ["gc.pruneExpire", "never"],
    ["gc.reflogExpire", "never"],
    ["gc.cruftPacks", "false"],
  ] as const;
  for (const [name, value] of settings) await gitText(repo, ["config", name, value]);
}

/** The file that a push touches; its time says that somebody pushed. */
export const PUSH_MARK = "terrane-pushed";
const HOOK_SIGN = "# terrane: notices pushes";
const HOOK = `#!/bin/sh
${HOOK_SIGN}
# A push succeeds whether or not the server runs; the server also looks at the branches themselves.
touch ${PUSH_MARK} 2>/dev/null || true
exit 0
`;

/** `foreign`: the repository has a hook of its own, which is left alone; pushes are noticed later then. */
export async function installHook(repo: BareRepository): Promise<"installed" | "foreign"> {
  const hook = join(repo.dir, "hooks", "post-receive");
  const present = await readFile(hook, "utf8").catch(() => undefined);
  if (present !== undefined) return present.includes(HOOK_SIGN) ? "installed" : "foreign";
  await mkdir(dirname(hook), { recursive: true });
  const draft = `${hook}.${process.pid}.draft`;
  await writeFile(draft, HOOK, { mode: 0o755 });
  await rename(draft, hook);
  return "installed";
}
