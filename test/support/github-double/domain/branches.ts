import { git, isAncestor, readBranches, updateRef } from "../git.ts";
import { readCommit, readCommits, utc } from "../git-read.ts";
import { pushedCommit } from "../shapes/commit.ts";
import { fullPull } from "../shapes/pull.ts";
import { repository as repositoryShape } from "../shapes/repository.ts";
import { type Account, fullName, type Pull, type Repository, type World } from "../world.ts";
import { emit } from "./emit.ts";

const ZERO = "0".repeat(40);
/** `push` webhooks list at most 2,048 commits. */
const PUSH_COMMITS_MAX = 2048;

interface Move {
  readonly branch: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * Finds what was pushed since the last look and does what GitHub does then: `push`, the head of open
 * pull requests moves (`synchronize`), a deleted head or base closes them, a moved base makes mergeability unknown.
 */
export async function branchesMoved(world: World, repo: Repository, by: Account): Promise<void> {
  const now = await readBranches(repo.gitDir);
  const moves: Move[] = [];
  for (const branch of new Set([...repo.branches.keys(), ...now.keys()])) {
    const before = repo.branches.get(branch);
    const after = now.get(branch);
    if (before !== after) moves.push({ branch, before, after });
  }
  repo.branches = now;
  if (moves.length > 0) repo.pushedAt = world.now();
  for (const move of moves) {
    await emitPush(world, repo, move, by);
    for (const pull of pullsTouched(world, repo, move.branch))
      await pullMoved(world, pull, repo, move, by);
  }
}

function pullsTouched(world: World, repo: Repository, branch: string): readonly Pull[] {
  return [...world.repositories.values()]
    .flatMap((r) => [...r.pulls.values()])
    .filter((pull) => pull.state === "open")
    .filter(
      (pull) =>
        (pull.head.repository === repo && pull.head.ref === branch) ||
        (pull.repository === repo && pull.base.ref === branch),
    );
}

async function pullMoved(
  world: World,
  pull: Pull,
  repo: Repository,
  move: Move,
  by: Account,
): Promise<void> {
  const isHead = pull.head.repository === repo && pull.head.ref === move.branch;
  if (move.after === undefined) return await closePull(world, pull, by);
  pull.mergeability = { state: "unknown", readsLeft: world.mergeabilityReads };
  if (!isHead) {
    const merged = await isAncestor(repo.gitDir, pull.head.sha, move.after);
    if (merged) await markMerged(world, pull, by, pull.head.sha);
    return;
  }
  await takeHead(pull, move.after);
  pull.base.sha = pull.repository.branches.get(pull.base.ref) ?? pull.base.sha;
  pull.updatedAt = world.now();
  emit(world, pull.repository, "pull_request", by, {
    action: "synchronize",
    number: pull.number,
    before: move.before ?? ZERO,
    after: move.after,
    pull_request: await fullPull(world, pull),
  });
}

/** Points the pull request at a commit and brings it into the base repository, as `refs/pull/<n>/head`. */
export async function takeHead(pull: Pull, sha: string): Promise<void> {
  const from = pull.head.repository;
  if (from !== undefined && from !== pull.repository) {
    await git(pull.repository.gitDir, ["fetch", "--quiet", from.gitDir, sha]);
  }
  pull.head.sha = sha;
  await updateRef(pull.repository.gitDir, `refs/pull/${pull.number}/head`, sha);
}

export async function closePull(world: World, pull: Pull, by: Account): Promise<void> {
  pull.state = "closed";
  pull.closedAt = world.now();
  pull.updatedAt = world.now();
  emit(world, pull.repository, "pull_request", by, {
    action: "closed",
    number: pull.number,
    pull_request: await fullPull(world, pull),
  });
}

export async function markMerged(
  world: World,
  pull: Pull,
  by: Account,
  sha: string,
): Promise<void> {
  pull.merged = { at: world.now(), by, sha };
  await closePull(world, pull, by);
}

async function emitPush(world: World, repo: Repository, move: Move, by: Account): Promise<void> {
  const { before, after, branch } = move;
  const [commits, forced] = await Promise.all([
    after === undefined ? [] : newCommits(repo, before, after),
    before === undefined || after === undefined
      ? false
      : isAncestor(repo.gitDir, before, after).then((ahead) => !ahead),
  ]);
  // A branch that was set back has a head and nothing new.
  const head =
    after === undefined ? undefined : (commits.at(-1) ?? (await readCommit(repo.gitDir, after)));
  const [from, to] = [before ?? ZERO, after ?? ZERO];
  emit(world, repo, "push", by, {
    ref: `refs/heads/${branch}`,
    before: from,
    after: to,
    created: before === undefined,
    deleted: after === undefined,
    forced,
    base_ref: null,
    compare: `${world.origin}/${fullName(repo)}/compare/${from.slice(0, 12)}...${to.slice(0, 12)}`,
    commits: commits.map((commit) => pushedCommit(world, repo, commit)),
    head_commit: head === undefined ? null : pushedCommit(world, repo, head),
    pusher: { name: by.login, email: `${by.id}@users.noreply.example`, date: utc(world.now()) },
    repository: repositoryShape(world, repo),
  });
}

async function newCommits(repo: Repository, before: string | undefined, after: string) {
  const [range, max] =
    before === undefined ? [after, 1] : [`${before}..${after}`, PUSH_COMMITS_MAX];
  return await readCommits(repo.gitDir, [range, `--max-count=${max}`]);
}
