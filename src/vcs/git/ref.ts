import { type CommitSha, parseCommitSha } from "../../core/ids.ts";
import { type BareRepository, git, gitText } from "./run.ts";

export const BRANCH_CHARS_MAX = 244;

/** The rules of git-check-ref-format(1). */
const BRANCH_FORBIDDEN = [
  /[ ~^:?*[\\]/,
  /\.\./,
  /@\{/,
  /^[-/]|[/.]$/,
  /\/\//,
  /(?:^|\/)\./,
  /\.lock(?:\/|$)/,
  /^HEAD$/,
];

/** Whether git takes this as the name of a branch; also keeps names out of it that look like options. */
export function isBranchName(name: string): boolean {
  if (name.length === 0 || name.length > BRANCH_CHARS_MAX) return false;
  if (/\p{Cc}/u.test(name)) return false;
  return !BRANCH_FORBIDDEN.some((rule) => rule.test(name));
}

export interface Branch {
  readonly name: string;
  readonly commit: CommitSha;
}

const HEADS = "refs/heads/";

/** Every branch of the repository. */
export async function listBranches(repo: BareRepository): Promise<readonly Branch[]> {
  return (await readBranches(repo)).branches;
}

/** Every branch, and the one that HEAD names if it has a commit: one process, because pages ask every second. */
export async function readBranches(
  repo: BareRepository,
): Promise<{ readonly branches: readonly Branch[]; readonly head: Branch | undefined }> {
  const format = "%(objectname) %(HEAD) %(refname)";
  const text = await gitText(repo, ["for-each-ref", `--format=${format}`, HEADS]);
  const branches: Branch[] = [];
  let head: Branch | undefined;
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const commit = parseCommitSha(line.slice(0, Math.max(space, 0)));
    if (commit === undefined) continue;
    const branch = { name: line.slice(space + 3 + HEADS.length), commit };
    branches.push(branch);
    if (line[space + 1] === "*") head = branch;
  }
  return { branches, head };
}

/** Where a branch points; `undefined` when there is none. */
export function branchHead(repo: BareRepository, branch: string): Promise<CommitSha | undefined> {
  return resolveCommit(repo, `${HEADS}${branch}`);
}

/** The commit of a full ref or of a commit id; `undefined` when the repository has no such commit. */
export async function resolveCommit(
  repo: BareRepository,
  revision: string,
): Promise<CommitSha | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const run = await git(repo, args);
  return run.kind === "exited" && run.code === 0
    ? parseCommitSha(run.stdout.toString().trim())
    : undefined;
}

/** The branch that HEAD names, also while it has no commit. */
export async function defaultBranch(repo: BareRepository): Promise<string> {
  const head = await gitText(repo, ["symbolic-ref", "HEAD"]);
  return head.trim().replace(/^refs\/heads\//, "");
}

/**
 * Moves a branch, unless it moved meanwhile: then `false`. Git compares and sets under its own lock,
 * so a push at the same time either comes first or is refused by the pusher's git.
 */
export async function moveBranch(
  repo: BareRepository,
  branch: string,
  to: CommitSha,
  from: CommitSha,
): Promise<boolean> {
  const run = await git(repo, ["update-ref", `${HEADS}${branch}`, to, from]);
  return run.kind === "exited" && run.code === 0;
}

/** Keeps a pull request's commits from being collected once its branch is deleted or forced. */
export async function keepPullHead(
  repo: BareRepository,
  number: number,
  commit: CommitSha,
): Promise<void> {
  await gitText(repo, ["update-ref", `refs/pull/${number}/head`, commit]);
}

/** Deletes a branch, unless it moved meanwhile: then `false`. */
export async function deleteBranch(
  repo: BareRepository,
  branch: string,
  at: CommitSha,
): Promise<boolean> {
  const run = await git(repo, ["update-ref", "-d", `${HEADS}${branch}`, at]);
  return run.kind === "exited" && run.code === 0;
}
