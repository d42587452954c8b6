import { commitTree, mergeTrees, type Person, tryGit } from "../git.ts";
import { type CommitFacts, readCommit, readCommits } from "../git-read.ts";
import { missingRequirements } from "../shapes/pull.ts";
import { WireError } from "../wire-error.ts";
import type { Account, Pull, Repository, World } from "../world.ts";
import { branchesMoved, markMerged } from "./branches.ts";
import { settleMergeability } from "./pulls.ts";

export type MergeMethod = "merge" | "squash" | "rebase";

export interface MergeWish {
  readonly method: MergeMethod;
  readonly sha: string | undefined;
  readonly title: string | undefined;
  readonly message: string | undefined;
  /** It is the queue itself that merges. */
  readonly queue?: true;
}

/** Really merges, in the bare repository, with the refusals of GitHub; gives the commit on the base branch. */
export async function mergePull(
  world: World,
  pull: Pull,
  by: Account,
  wish: MergeWish,
): Promise<string> {
  const repo = pull.repository;
  if (pull.state === "closed") throw new WireError(405, "Pull Request is not mergeable");
  if (wish.sha !== undefined && wish.sha !== pull.head.sha) {
    throw new WireError(409, "Head branch was modified. Review and try the merge again.");
  }
  if (pull.draft) throw new WireError(405, "Pull Request is still a draft");
  await settleMergeability(pull);
  if (pull.mergeability.state !== "known" || !pull.mergeability.mergeable) {
    throw new WireError(405, "Pull Request is not mergeable");
  }
  const [missing] = missingRequirements(pull);
  if (missing !== undefined) throw new WireError(405, missing);
  const isQueued = repo.protections.get(pull.base.ref)?.queue === true;
  if (isQueued && wish.queue !== true) {
    const said = "Changes must be made through the merge queue";
    throw new WireError(405, `Repository rule violations found\n\n${said}\n\n`);
  }
  const base = repo.branches.get(pull.base.ref) ?? pull.base.sha;
  const sha = await writeMerge(world, pull, base, by, wish);
  // Refuses when the branch moved meanwhile, as GitHub does.
  const moved = await tryGit(repo.gitDir, ["update-ref", `refs/heads/${pull.base.ref}`, sha, base]);
  if (moved.code !== 0)
    throw new WireError(409, "Base branch was modified. Review and try the merge again.");
  await markMerged(world, pull, by, sha);
  await branchesMoved(world, repo, by);
  return sha;
}

async function writeMerge(
  world: World,
  pull: Pull,
  base: string,
  by: Account,
  wish: MergeWish,
): Promise<string> {
  const { gitDir } = pull.repository;
  const who = personOf(by, world.now());
  if (wish.method === "rebase") return await rebase(pull.repository, base, pull.head.sha, who);
  const tree = await mergeTrees(gitDir, base, pull.head.sha);
  if (tree === undefined) throw new WireError(405, "Pull Request is not mergeable");
  if (wish.method === "squash") {
    const title = wish.title ?? `${pull.title} (#${pull.number})`;
    const author = (await readCommit(gitDir, pull.head.sha)).author;
    const written = { name: author.name, email: author.email, at: new Date(author.date) };
    return await commitTree(gitDir, tree, [base], text(title, wish.message), written, who);
  }
  const title =
    wish.title ??
    `Merge pull request #${pull.number} from ${pull.head.owner.login}/${pull.head.ref}`;
  return await commitTree(
    gitDir,
    tree,
    [base, pull.head.sha],
    text(title, wish.message ?? pull.title),
    who,
  );
}

function text(title: string, message: string | undefined): string {
  return message === undefined || message === "" ? title : `${title}\n\n${message}`;
}

export function personOf(account: Account, at: Date): Person {
  return { name: account.login, email: emailOf(account), at };
}

/** GitHub writes `[bot]` into the address, which its own description calls no address. */
export function emailOf(account: Account): string {
  return `${account.id}+${account.login.replace("[bot]", "")}@users.noreply.example`;
}

/**
 * Replays each commit. git 2.39 cannot name the merge base of `merge-tree`, so each step merges with a
 * throw-away commit that has our tree and the replayed commit's parent: their merge base is that parent.
 */
async function rebase(repo: Repository, base: string, head: string, who: Person): Promise<string> {
  let tip = base;
  for (const commit of await readCommits(repo.gitDir, ["--no-merges", `${base}..${head}`])) {
    tip = await replay(repo.gitDir, tip, commit, who);
  }
  return tip;
}

async function replay(
  gitDir: string,
  tip: string,
  commit: CommitFacts,
  who: Person,
): Promise<string> {
  const ours = await readCommit(gitDir, tip);
  const carrier = await commitTree(gitDir, ours.tree, commit.parents, "carrier", who);
  const tree = await mergeTrees(gitDir, carrier, commit.sha);
  if (tree === undefined) throw new WireError(405, "This branch can't be rebased due to conflicts");
  const { name, email, date } = commit.author;
  return await commitTree(
    gitDir,
    tree,
    [tip],
    commit.message,
    { name, email, at: new Date(date) },
    who,
  );
}
