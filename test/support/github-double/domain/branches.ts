import { git, isAncestor, readBranches, updateRef } from "../git.ts";
import { countCommits, readCommit, readCommits, utc } from "../git-read.ts";
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
 * pull requests moves (`synchronize`), a deleted head closes them, a moved base makes mergeability unknown.
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
  if (isHead && move.after === undefined) return await closePull(world, pull, by);
  pull.mergeability = { state: "unknown", readsLeft: world.mergeabilityReads };
  if (!isHead || move.after === undefined) {
    const merged =
      move.after !== undefined && (await isAncestor(repo.gitDir, pull.head.sha, move.after));
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
  const commits = after === undefined ? [] : await newCommits(repo, before, after);
  const base = repositoryShape(world, repo);
  emit(world, repo, "push", by, {
    ref: `refs/heads/${branch}`,
    before: before ?? ZERO,
    after: after ?? ZERO,
    created: before === undefined,
    deleted: after === undefined,
    forced:
      before !== undefined &&
      after !== undefined &&
      !(await isAncestor(repo.gitDir, before, after)),
    base_ref: null,
    compare: `${world.origin}/${fullName(repo)}/compare/${(before ?? ZERO).slice(0, 12)}...${(after ?? ZERO).slice(0, 12)}`,
    commits: commits.map((commit) => pushedCommit(world, repo, commit)),
    head_commit:
      after === undefined ? null : pushedCommit(world, repo, await readCommit(repo.gitDir, after)),
    pusher: { name: by.login, email: `${by.id}@users.noreply.example`, date: utc(world.now()) },
    repository: base,
  });
}

async function newCommits(repo: Repository, before: string | undefined, after: string) {
  const range = before === undefined ? [after, "--max-count=1"] : [`${before}..${after}`];
  const count = before === undefined ? 1 : await countCommits(repo.gitDir, `${before}..${after}`);
  if (count > PUSH_COMMITS_MAX) range.push(`--max-count=${PUSH_COMMITS_MAX}`);
  return await readCommits(repo.gitDir, range);
}
