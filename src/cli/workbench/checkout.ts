import type { Change } from "../../core/change/affected.ts";
import { type GitRan, type Machine, UsageError } from "../host.ts";

/** A git working tree of this machine, as far as looking at it goes. */
export interface Checkout {
  /** Absolute. */
  readonly root: string;
  /** Where in it the directory lies that was asked for; empty for the root itself. */
  readonly prefix: string;
  readonly machine: Machine;
}

/** The checkout that holds a directory; undefined where there is none, or no git. */
export async function findCheckout(machine: Machine, dir: string): Promise<Checkout | undefined> {
  const { status, stdout } = await machine.git(dir, [
    "rev-parse",
    "--show-toplevel",
    "--show-prefix",
  ]);
  const [root = "", prefix = ""] = stdout.split(/\r?\n/);
  return status === 0 && root !== "" ? { root, prefix, machine } : undefined;
}

/** The commit that a branch, tag or id names; undefined where nothing has that name. */
export async function findCommit({ root, machine }: Checkout, ref: string) {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  const { status, stdout } = await machine.git(root, args);
  return status === 0 ? stdout.trim() : undefined;
}

export async function commitOf(checkout: Checkout, ref: string): Promise<string> {
  const commit = await findCommit(checkout, ref);
  if (commit !== undefined) return commit;
  throw new UsageError(
    `There is no commit ${JSON.stringify(ref)} in ${checkout.root}.`,
    "`git branch --all` lists the branches; `git fetch` brings those of the remote.",
    2,
  );
}

export interface DefaultBranch {
  /** Without the remote: what pull requests go into. */
  readonly name: string;
  readonly commit: string;
}

const REMOTE = "origin/";
const USUAL = ["origin/main", "main", "origin/master", "master"];

/** The branch that rules come from: the one named, else what the remote calls its head, else a usual name. */
export async function defaultBranchOf(
  checkout: Checkout,
  named: string | undefined,
): Promise<DefaultBranch | undefined> {
  if (named !== undefined) {
    return { name: withoutRemote(named), commit: await commitOf(checkout, named) };
  }
  const args = ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"];
  const head = (await checkout.machine.git(checkout.root, args)).stdout.trim();
  for (const ref of head === "" ? USUAL : [head, ...USUAL]) {
    const commit = await findCommit(checkout, ref);
    if (commit !== undefined) return { name: withoutRemote(ref), commit };
  }
  return undefined;
}

function withoutRemote(ref: string): string {
  return ref.startsWith(REMOTE) ? ref.slice(REMOTE.length) : ref;
}

/** Undefined where the head is detached. */
export async function currentBranch({ root, machine }: Checkout): Promise<string | undefined> {
  const { stdout } = await machine.git(root, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  return stdout.trim() === "" ? undefined : stdout.trim();
}

/** What a file holds at a commit; undefined where it is not there. */
export async function fileAt({ root, machine }: Checkout, commit: string, path: string) {
  // Missing files and broken repositories differ in their words only, so the tree is asked first.
  const listed = await machine.git(root, ["ls-tree", "-z", "--full-tree", commit, "--", path]);
  if (said(listed, "ls-tree") === "") return undefined;
  return said(await machine.git(root, ["cat-file", "blob", `${commit}:${path}`]), "cat-file");
}

/** The files of a commit; without one those of the working tree, also new ones that git does not ignore. */
export async function filesOf(
  { root, machine }: Checkout,
  commit: string | undefined,
): Promise<readonly string[]> {
  if (commit !== undefined) {
    const args = ["ls-tree", "-r", "-z", "--full-tree", "--name-only", commit];
    return names(said(await machine.git(root, args), "ls-tree"));
  }
  const list = async (...args: readonly string[]) =>
    names(said(await machine.git(root, ["ls-files", "-z", ...args]), "ls-files"));
  const deleted = new Set(await list("--deleted"));
  const all = await list("--cached", "--others", "--exclude-standard");
  // A file in conflict is listed once for each side.
  return [...new Set(all)].filter((path) => !deleted.has(path));
}

/** From one commit to another, or to the working tree with what is new in it. */
export async function changesBetween(
  { root, machine }: Checkout,
  from: string,
  to: string | undefined,
): Promise<readonly Change[]> {
  const diff = ["diff", "--name-status", "-z", "--find-renames", "--no-ext-diff", "--no-color"];
  const args = [...diff, from, ...(to === undefined ? [] : [to]), "--"];
  const changes = readDiff(names(said(await machine.git(root, args), "diff")));
  if (to !== undefined) return changes;
  const untracked = ["ls-files", "-z", "--others", "--exclude-standard"];
  const added = names(said(await machine.git(root, untracked), "ls-files"));
  return [...changes, ...added.map((path): Change => ({ kind: "added", path }))];
}

/** Where two branches parted; the first commit itself where they have nothing in common. */
export async function mergeBase(
  { root, machine }: Checkout,
  base: string,
  head: string,
): Promise<string> {
  const { status, stdout } = await machine.git(root, ["merge-base", base, head]);
  return status === 0 ? stdout.trim() : base;
}

function readDiff(fields: readonly string[]): readonly Change[] {
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const [status = "", path = "", name = ""] = fields.slice(at, at + 3);
    const letter = status.charAt(0);
    const two = letter === "R" || letter === "C";
    at += two ? 3 : 2;
    if (letter === "R") changes.push({ kind: "renamed", from: path, to: name });
    else if (letter === "C") changes.push({ kind: "added", path: name });
    else changes.push({ kind: KINDS[letter] ?? "modified", path });
  }
  return changes;
}

const KINDS: Readonly<Record<string, "added" | "deleted">> = { A: "added", D: "deleted" };

function names(output: string): readonly string[] {
  return output.split("\0").filter((name) => name !== "");
}

function said({ status, stdout, stderr }: GitRan, command: string): string {
  if (status === 0) return stdout;
  throw new UsageError(
    `git ${command} did not work: ${stderr.trim()}`,
    "Run `terrane doctor` to see whether git is there.",
  );
}
