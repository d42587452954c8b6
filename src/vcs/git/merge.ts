import { type CommitSha, parseCommitSha } from "../../core/ids.ts";
import { isAncestor, mergeBase } from "./diff.ts";
import { type BareRepository, explain, GitError, git, gitText } from "./run.ts";

export type TreeMerge =
  | { readonly kind: "clean"; readonly tree: string }
  | { readonly kind: "conflict"; readonly files: readonly string[] }
  | { readonly kind: "unknown"; readonly message: string };

/** Merges two commits without a working tree and without moving anything (`merge-tree --write-tree`, git 2.38). */
export async function mergeTrees(
  repo: BareRepository,
  base: CommitSha,
  head: CommitSha,
): Promise<TreeMerge> {
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head];
  const run = await git(repo, args);
  if (run.kind === "failed" || run.code > 1) return { kind: "unknown", message: explain(run) };
  const [tree = "", ...rest] = run.stdout.toString().split("\0");
  if (run.code === 0) return { kind: "clean", tree };
  return { kind: "conflict", files: [...new Set(rest.filter((path) => path !== ""))] };
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** As git takes it: seconds since the epoch and the offset, `@1700000000 +0000`. */
  readonly date: string;
}

export interface MergePlan {
  readonly repo: BareRepository;
  readonly base: CommitSha;
  readonly head: CommitSha;
  readonly method: "merge" | "squash" | "rebase";
  readonly message: string;
  /** Who presses the button. */
  readonly committer: Signature;
  /** Whose work a squash is. */
  readonly author: Signature;
}

export type MergeBuilt =
  | { readonly kind: "built"; readonly commit: CommitSha }
  | { readonly kind: "conflict"; readonly files: readonly string[] }
  | { readonly kind: "unknown"; readonly message: string };

/** Makes the commit that the base branch gets. Moves no branch, so it may be done and thrown away. */
export async function buildMerge(plan: MergePlan): Promise<MergeBuilt> {
  if (plan.method === "rebase") return buildRebase(plan);
  const merged = await mergeTrees(plan.repo, plan.base, plan.head);
  if (merged.kind !== "clean") return merged;
  const squash = plan.method === "squash";
  const commit = await commitTree(plan.repo, {
    tree: merged.tree,
    parents: squash ? [plan.base] : [plan.base, plan.head],
    message: plan.message,
    author: squash ? plan.author : plan.committer,
    committer: plan.committer,
  });
  return { kind: "built", commit };
}

/** Puts each commit of the head on top of the base; merges in between are left out, as `git rebase` does. */
async function buildRebase(plan: MergePlan): Promise<MergeBuilt> {
  const { repo } = plan;
  // Nothing to move: the commits keep their ids, and with them their checks.
  if (await isAncestor(repo, plan.base, plan.head)) {
    return { kind: "built", commit: plan.head };
  }
  const from = await mergeBase(repo, plan.base, plan.head);
  const range = from === undefined ? plan.head : `${from}..${plan.head}`;
  const list = ["rev-list", "--reverse", "--topo-order", "--no-merges", range];
  let onto = plan.base;
  for (const line of (await gitText(repo, list)).split("\n")) {
    const commit = parseCommitSha(line);
    if (commit === undefined) continue;
    const moved = await cherryPick(repo, commit, onto, plan.committer);
    if (moved.kind !== "built") return moved;
    onto = moved.commit;
  }
  return { kind: "built", commit: onto };
}

/**
 * One commit on top of another. Before git 2.40 `merge-tree` takes no merge base, so it gets three
 * parentless stand-ins whose only common ancestor is the commit's parent.
 */
async function cherryPick(
  repo: BareRepository,
  commit: CommitSha,
  onto: CommitSha,
  committer: Signature,
): Promise<MergeBuilt> {
  const details = await readCommit(repo, commit);
  const stand = { message: "stand-in", author: committer, committer };
  const before = await commitTree(repo, { ...stand, tree: details.parentTree, parents: [] });
  const ours = await commitTree(repo, {
    ...stand,
    tree: await treeOf(repo, onto),
    parents: [before],
  });
  const theirs = await commitTree(repo, { ...stand, tree: details.tree, parents: [before] });
  const merged = await mergeTrees(repo, ours, theirs);
  if (merged.kind !== "clean") return merged;
  // The base holds this change already.
  if (merged.tree === (await treeOf(repo, onto)) && details.tree !== details.parentTree) {
    return { kind: "built", commit: onto };
  }
  const picked = await commitTree(repo, {
    tree: merged.tree,
    parents: [onto],
    message: details.message,
    author: details.author,
    committer,
  });
  return { kind: "built", commit: picked };
}

interface CommitDetails {
  readonly tree: string;
  readonly parentTree: string;
  readonly author: Signature;
  readonly message: string;
}

async function readCommit(repo: BareRepository, commit: CommitSha): Promise<CommitDetails> {
  const format = "--format=%T%x00%P%x00%an%x00%ae%x00%ad%x00%B";
  const text = await gitText(repo, ["show", "-s", "--date=raw", format, commit]);
  const [tree = "", parents = "", name = "", email = "", date = "", message = ""] =
    text.split("\0");
  const parent = parseCommitSha(parents.split(" ")[0] ?? "");
  const parentTree = parent === undefined ? await emptyTree(repo) : await treeOf(repo, parent);
  return {
    tree,
    parentTree,
    author: { name, email, date: `@${date}` },
    message: message.trimEnd(),
  };
}

async function emptyTree(repo: BareRepository): Promise<string> {
  return (await gitText(repo, ["mktree"])).trim();
}

async function treeOf(repo: BareRepository, commit: CommitSha): Promise<string> {
  return (await gitText(repo, ["rev-parse", "--verify", `${commit}^{tree}`])).trim();
}

interface CommitDraft {
  readonly tree: string;
  readonly parents: readonly CommitSha[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

export async function commitTree(repo: BareRepository, draft: CommitDraft): Promise<CommitSha> {
  const parents = draft.parents.flatMap((parent) => ["-p", parent]);
  const text = await gitText(repo, ["commit-tree", draft.tree, ...parents], {
    input: `${draft.message}\n`,
    env: {
      GIT_AUTHOR_NAME: draft.author.name,
      GIT_AUTHOR_EMAIL: draft.author.email,
      GIT_AUTHOR_DATE: draft.author.date,
      GIT_COMMITTER_NAME: draft.committer.name,
      GIT_COMMITTER_EMAIL: draft.committer.email,
      GIT_COMMITTER_DATE: draft.committer.date,
    },
  });
  const commit = parseCommitSha(text.trim());
  if (commit === undefined) throw new GitError("git commit-tree printed no commit id");
  return commit;
}
