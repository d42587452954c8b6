import { type CommitSha, parseCommitSha } from "../../core/ids.ts";
import type { FileChange } from "../../core/pull-request.ts";
import { type BareRepository, explain, GitError, git, gitText } from "./run.ts";

/** The best common ancestor; `undefined` for histories that share nothing. */
export async function mergeBase(
  repo: BareRepository,
  one: CommitSha,
  other: CommitSha,
): Promise<CommitSha | undefined> {
  const run = await git(repo, ["merge-base", one, other]);
  if (run.kind === "exited" && run.code === 0) return parseCommitSha(run.stdout.toString().trim());
  if (run.kind === "exited" && run.code === 1) return undefined;
  throw new GitError(`git merge-base: ${explain(run)}`);
}

export async function isAncestor(
  repo: BareRepository,
  ancestor: CommitSha,
  of: CommitSha,
): Promise<boolean> {
  const run = await git(repo, ["merge-base", "--is-ancestor", ancestor, of]);
  if (run.kind === "exited" && run.code <= 1) return run.code === 0;
  throw new GitError(`git merge-base: ${explain(run)}`);
}

/** Files that differ between two commits, with renames. */
export async function changedFiles(
  repo: BareRepository,
  from: CommitSha,
  to: CommitSha,
): Promise<readonly FileChange[]> {
  const args = ["diff-tree", "-r", "-z", "-M", "--name-status", "--no-commit-id", from, to];
  return parseNameStatus(await gitText(repo, args));
}

/**
 * Reads `git diff --name-status -z`: a status, then one path, or two for a rename, each ended by a
 * NUL, so that any file name survives.
 */
export function parseNameStatus(text: string): readonly FileChange[] {
  const fields = text.split("\0");
  const changes: FileChange[] = [];
  let at = 0;
  while (at + 1 < fields.length) {
    const status = fields[at] ?? "";
    const path = fields[at + 1] ?? "";
    const second = fields[at + 2] ?? "";
    at += 2;
    if (status.startsWith("R")) {
      changes.push({ kind: "renamed", from: path, to: second });
      at += 1;
    } else if (status.startsWith("C")) {
      changes.push({ kind: "added", path: second });
      at += 1;
    } else if (status === "A") changes.push({ kind: "added", path });
    else if (status === "D") changes.push({ kind: "deleted", path });
    else changes.push({ kind: "modified", path });
  }
  return changes;
}

export interface DiffText {
  readonly text: string;
  /** The end is missing because the whole is longer than asked for. */
  readonly truncated: boolean;
}

/** The change as people read it. */
export async function diffText(
  repo: BareRepository,
  from: CommitSha,
  to: CommitSha,
  charsMax: number,
): Promise<DiffText> {
  const args = ["diff", "-M", "--no-color", "--no-ext-diff", "--no-textconv", from, to];
  const text = await gitText(repo, args);
  return text.length <= charsMax
    ? { text, truncated: false }
    : { text: text.slice(0, charsMax), truncated: true };
}
