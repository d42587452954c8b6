import { join } from "node:path";
import { branchesMoved } from "./domain/branches.ts";
import { emitCheck } from "./domain/checks.ts";
import { emit } from "./domain/emit.ts";
import { mergePull, personOf } from "./domain/merge.ts";
import { createPull } from "./domain/pulls.ts";
import { moveRun } from "./domain/runs.ts";
import { createComment, type ReviewEvent, submitReview } from "./domain/talk.ts";
import {
  commitFiles,
  commitTree,
  type FileContent,
  git,
  initBare,
  mergeTrees,
  readBranches,
  updateRef,
} from "./git.ts";
import { readCommit } from "./git-read.ts";
import type { GitHubDouble } from "./index.ts";
import {
  type Account,
  type CheckRun,
  type Comment,
  fullName,
  type Pull,
  type Repository,
  type Review,
  type Role,
  type Status,
  type WorkflowRun,
} from "./world.ts";

/** What people do on GitHub, for tests: the same code runs as behind the API, and the same webhooks go out. */

export interface RepositoryWish {
  readonly files?: Readonly<Record<string, FileContent>>;
  readonly private?: boolean;
  readonly defaultBranch?: string;
  readonly collaborators?: Readonly<Record<string, Role>>;
}

export async function createRepository(
  github: GitHubDouble,
  owner: Account,
  name: string,
  wish: RepositoryWish = {},
): Promise<Repository> {
  const { world } = github;
  const repo = newRepository(github, owner, name, undefined, wish.defaultBranch ?? "main");
  repo.private = wish.private ?? true;
  await initBare(repo.gitDir, repo.defaultBranch);
  for (const [login, role] of Object.entries(wish.collaborators ?? {})) {
    repo.collaborators.set(github.user(login).id, role);
  }
  const author = personOf(owner, world.now());
  const files = wish.files ?? { "README.md": `# ${name}\n` };
  await commitFiles(repo.gitDir, {
    branch: repo.defaultBranch,
    parent: undefined,
    files,
    message: "Start",
    author,
  });
  repo.branches = await readBranches(repo.gitDir);
  world.repositories.set(repo.id, repo);
  return repo;
}

/** A fork under another owner, with all branches of its parent. */
export async function forkRepository(
  github: GitHubDouble,
  parent: Repository,
  owner: Account,
  name = parent.name,
): Promise<Repository> {
  const fork = newRepository(github, owner, name, parent, parent.defaultBranch);
  await initBare(fork.gitDir, fork.defaultBranch);
  await git(fork.gitDir, ["fetch", "--quiet", parent.gitDir, "refs/heads/*:refs/heads/*"]);
  fork.branches = await readBranches(fork.gitDir);
  fork.private = parent.private;
  github.world.repositories.set(fork.id, fork);
  return fork;
}

/** Its pull requests stay, and are of an unknown repository from then on. */
export function deleteFork(github: GitHubDouble, fork: Repository): void {
  github.world.repositories.delete(fork.id);
  for (const repo of github.world.repositories.values()) {
    for (const pull of repo.pulls.values()) {
      if (pull.head.repository === fork) pull.head.repository = undefined;
    }
  }
}

function newRepository(
  github: GitHubDouble,
  owner: Account,
  name: string,
  fork: Repository | undefined,
  defaultBranch: string,
): Repository {
  const { world } = github;
  const id = world.nextId();
  return {
    id,
    owner,
    name,
    gitDir: join(world.dir, `${id}.git`),
    fork,
    private: true,
    archived: false,
    defaultBranch,
    createdAt: world.now(),
    pushedAt: world.now(),
    branches: new Map(),
    collaborators: new Map(),
    teams: new Map(),
    protections: new Map(),
    pulls: new Map(),
    issues: new Map(),
    comments: new Map(),
    checks: new Map(),
    suites: new Map(),
    statuses: [],
    workflows: new Map(),
    runs: new Map(),
    nextNumber: 1,
  };
}

/** The old name keeps working by redirect, as on GitHub. */
export function renameRepository(github: GitHubDouble, repo: Repository, name: string): void {
  github.world.redirects.set(fullName(repo).toLowerCase(), repo.id);
  repo.name = name;
}

export interface Push {
  readonly branch: string;
  readonly files: Readonly<Record<string, FileContent>>;
  readonly by: Account;
  readonly message?: string;
  /** Where a new branch starts; the default branch if not said. Given for an old one, it is a forced push. */
  readonly from?: string;
}

/** Commits and pushes; gives the new commit. */
export async function push(github: GitHubDouble, repo: Repository, wish: Push): Promise<string> {
  const { world } = github;
  const start =
    wish.from ?? repo.branches.get(wish.branch) ?? repo.branches.get(repo.defaultBranch);
  const sha = await commitFiles(repo.gitDir, {
    branch: wish.branch,
    parent: repo.branches.get(start ?? "") ?? start,
    files: wish.files,
    message: wish.message ?? `Change ${Object.keys(wish.files).slice(0, 3).join(", ")}`,
    author: personOf(wish.by, world.now()),
  });
  await branchesMoved(world, repo, wish.by);
  return sha;
}

export async function deleteBranch(
  github: GitHubDouble,
  repo: Repository,
  branch: string,
  by: Account,
): Promise<void> {
  await git(repo.gitDir, ["update-ref", "-d", `refs/heads/${branch}`]);
  await branchesMoved(github.world, repo, by);
}

export interface PullWish {
  readonly by: Account;
  readonly head: string;
  readonly title?: string;
  readonly base?: string;
  readonly draft?: boolean;
  readonly from?: Repository;
}

export async function openPull(
  github: GitHubDouble,
  repo: Repository,
  wish: PullWish,
): Promise<Pull> {
  return await createPull(github.world, repo, wish.by, {
    title: wish.title ?? `Change ${wish.head}`,
    body: null,
    head: wish.head,
    headRepository: wish.from ?? repo,
    base: wish.base ?? repo.defaultBranch,
    draft: wish.draft ?? false,
  });
}

export function comment(github: GitHubDouble, pull: Pull, by: Account, body: string): Comment {
  return createComment(github.world, pull.repository, pull.number, by, body, false);
}

export function review(
  github: GitHubDouble,
  pull: Pull,
  by: Account,
  event: ReviewEvent,
  commit?: string,
): Review {
  return submitReview(github.world, pull, by, {
    event,
    body: event === "APPROVE" ? "" : "See below.",
    commit,
  });
}

/** A check of somebody else's app, or of the same app in another run of it. */
export function foreignCheck(
  github: GitHubDouble,
  repo: Repository,
  headSha: string,
  wish: { readonly name: string; readonly conclusion: string | null },
): void {
  const { world } = github;
  const at = world.now().toISOString();
  const id = world.nextId();
  repo.checks.set(id, {
    id,
    suite: world.nextId(),
    headSha,
    foreign: true,
    name: wish.name,
    externalId: "",
    detailsUrl: null,
    status: wish.conclusion === null ? "in_progress" : "completed",
    conclusion: wish.conclusion,
    startedAt: at,
    completedAt: wish.conclusion === null ? null : at,
    output: { title: null, summary: null, text: null },
    actions: [],
  });
}

/** A status of the older kind, by a person's or a CI system's token. */
export function setStatus(
  github: GitHubDouble,
  repo: Repository,
  sha: string,
  wish: Pick<Status, "context" | "state" | "creator">,
): void {
  const { world } = github;
  const at = { createdAt: world.now(), description: null, targetUrl: null };
  repo.statuses.push({ id: world.nextId(), sha, ...at, ...wish });
}

export async function merge(github: GitHubDouble, pull: Pull, by: Account): Promise<string> {
  return await mergePull(github.world, pull, by, {
    method: "merge",
    sha: undefined,
    title: undefined,
    message: undefined,
  });
}

/** The merge queue merges what is in it. */
export async function mergeQueued({ world }: GitHubDouble, pull: Pull): Promise<string> {
  const { queuedBy } = pull;
  if (queuedBy === undefined) throw new Error(`#${pull.number} is not in the queue`);
  pull.queuedBy = undefined;
  const plain = { sha: undefined, title: undefined, message: undefined };
  return await mergePull(world, pull, queuedBy, { method: "squash", ...plain, queue: true });
}

/** What the bot says in a pull request, oldest first. */
export function botComments(github: GitHubDouble, pull: Pull): readonly Comment[] {
  return [...pull.repository.comments.values()].filter(
    (c) => c.number === pull.number && c.author === github.world.app.bot,
  );
}

export function checksAt(repo: Repository, sha: string): readonly CheckRun[] {
  return [...repo.checks.values()].filter((check) => check.headSha === sha);
}

/** Somebody presses a button that a check offers. */
export function pressButton(
  github: GitHubDouble,
  repo: Repository,
  check: CheckRun,
  identifier: string,
  by: Account,
): void {
  emitCheck(github.world, repo, check, "requested_action", by, {
    requested_action: { identifier },
  });
}

export async function startRun(github: GitHubDouble, run: WorkflowRun): Promise<void> {
  await moveRun(github.world, run, "in_progress");
}

export async function finishRun(
  github: GitHubDouble,
  run: WorkflowRun,
  conclusion: string,
): Promise<void> {
  await moveRun(github.world, run, "completed", conclusion);
}

/** The variables that a job of this run has, as far as a runner looks at them. */
export function jobEnvironment(
  github: GitHubDouble,
  run: WorkflowRun,
): Readonly<Record<string, string>> {
  const repo = run.repository;
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: run.actor.login,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_EVENT_NAME: run.event,
    GITHUB_REF: `refs/heads/${run.ref}`,
    GITHUB_REF_NAME: run.ref,
    GITHUB_REPOSITORY: fullName(repo),
    GITHUB_REPOSITORY_ID: String(repo.id),
    GITHUB_REPOSITORY_OWNER: repo.owner.login,
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    GITHUB_RUN_ID: String(run.id),
    GITHUB_SERVER_URL: github.url,
    GITHUB_SHA: run.sha,
    GITHUB_TOKEN: jobToken(github, repo),
    GITHUB_WORKFLOW: run.workflowName,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: run.requestToken,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/_services/pipelines/idtoken/${run.id}?api-version=2.0`,
  };
}

/** The job's own token: may read the code of its repository. */
function jobToken(github: GitHubDouble, repo: Repository): string {
  return github.tokenFor(repo.owner);
}

/** The merge queue makes a group of the pull request on its base branch, and asks for its checks. */
export async function queueGroup(
  { world }: GitHubDouble,
  pull: Pull,
  by: Account,
): Promise<{ readonly head: string; readonly base: string }> {
  const { repository: repo, number } = pull;
  const base = repo.branches.get(pull.base.ref) ?? pull.base.sha;
  const tree = await mergeTrees(repo.gitDir, base, pull.head.sha);
  if (tree === undefined) throw new Error(`#${number} conflicts`);
  const message = `Merge pull request #${number}`;
  const parents = [base, pull.head.sha];
  const head = await commitTree(repo.gitDir, tree, parents, message, personOf(by, world.now()));
  const ref = `refs/heads/gh-readonly-queue/${pull.base.ref}/pr-${number}-${base}`;
  await updateRef(repo.gitDir, ref, head);
  const commit = await readCommit(repo.gitDir, head);
  emit(world, repo, "merge_group", by, {
    action: "checks_requested",
    merge_group: {
      head_sha: head,
      head_ref: ref,
      base_sha: base,
      base_ref: `refs/heads/${pull.base.ref}`,
      head_commit: {
        id: head,
        tree_id: commit.tree,
        message: commit.message,
        timestamp: commit.committer.date,
        author: { name: commit.author.name, email: commit.author.email },
        committer: { name: commit.committer.name, email: commit.committer.email },
      },
    },
  });
  return { head, base };
}
