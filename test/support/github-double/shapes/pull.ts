import { mergeBase } from "../git.ts";
import { countCommits, type DiffFile, diffFiles, utc } from "../git-read.ts";
import type { Json } from "../spec/description.ts";
import {
  type Account,
  fullName,
  nodeId,
  type Pull,
  type PullDiff,
  type Repository,
  type World,
} from "../world.ts";
import { simpleUser, teamSimple } from "./account.ts";
import { repository, repositoryUrl } from "./repository.ts";

/** What the pull request changes since it left its base, as git sees it. */
export async function pullDiff(world: World, pull: Pull): Promise<PullDiff> {
  const key = `${pull.repository.id} ${pull.base.sha} ${pull.head.sha}`;
  let diff = world.diffs.get(key);
  if (diff === undefined) {
    diff = readDiff(pull);
    world.diffs.set(key, diff);
  }
  return await diff;
}

async function readDiff({ repository: { gitDir }, base, head }: Pull): Promise<PullDiff> {
  const from = (await mergeBase(gitDir, base.sha, head.sha)) ?? base.sha;
  const [files, commits] = await Promise.all([
    diffFiles(gitDir, from, head.sha),
    countCommits(gitDir, `${base.sha}..${head.sha}`),
  ]);
  return { files, commits };
}

export function association(world: World, repo: Repository, account: Account): string {
  if (repo.owner.id === account.id) return "OWNER";
  if (world.organizations.get(repo.owner.id)?.members.has(account.id) === true) return "MEMBER";
  return repo.collaborators.has(account.id) ? "COLLABORATOR" : "NONE";
}

export function label(world: World, repo: Repository, name: string): Json {
  const id = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1e9, 7);
  return {
    id,
    node_id: nodeId("LA", id),
    url: `${repositoryUrl(world, repo)}/labels/${encodeURIComponent(name)}`,
    name,
    description: null,
    color: "ededed",
    default: false,
  };
}

function link(href: string): Json {
  return { href };
}

/** `pull-request-simple`: as in lists. */
export function simplePull(world: World, pull: Pull): Json {
  const repo = pull.repository;
  const url = `${repositoryUrl(world, repo)}/pulls/${pull.number}`;
  const issue = `${repositoryUrl(world, repo)}/issues/${pull.number}`;
  const html = `${world.origin}/${fullName(repo)}/pull/${pull.number}`;
  const links = {
    html: html,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${repositoryUrl(world, repo)}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${repositoryUrl(world, repo)}/statuses/${pull.head.sha}`,
  };
  const known = pull.mergeability.state === "known" ? pull.mergeability.testMerge : undefined;
  return {
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    number: pull.number,
    state: pull.state,
    locked: false,
    active_lock_reason: null,
    title: pull.title,
    body: pull.body,
    draft: pull.draft,
    user: simpleUser(world, pull.author),
    author_association: association(world, repo, pull.author),
    labels: pull.labels.map((name) => label(world, repo, name)),
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.requestedReviewers.map((account) => simpleUser(world, account)),
    requested_teams: pull.requestedTeams.map((team) => teamSimple(world, repo.owner, team)),
    created_at: utc(pull.createdAt),
    updated_at: utc(pull.updatedAt),
    closed_at: pull.closedAt === undefined ? null : utc(pull.closedAt),
    merged_at: pull.merged === undefined ? null : utc(pull.merged.at),
    merge_commit_sha: pull.merged?.sha ?? known ?? null,
    auto_merge: autoMerge(world, pull),
    url,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    comments_url: links.comments,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    statuses_url: links.statuses,
    _links: {
      self: link(url),
      ...Object.fromEntries(Object.entries(links).map(([name, href]) => [name, link(href)])),
    },
    head: side(world, pull.head.owner, pull.head.ref, pull.head.sha, pull.head.repository),
    base: side(world, repo.owner, pull.base.ref, pull.base.sha, repo),
  };
}

function autoMerge(world: World, pull: Pull): Json | null {
  if (pull.autoMerge === undefined) return null;
  return {
    enabled_by: simpleUser(world, pull.autoMerge.by),
    merge_method: pull.autoMerge.method,
    commit_title: pull.title,
    commit_message: "",
  };
}

function side(
  world: World,
  owner: Account,
  ref: string,
  sha: string,
  repo: Repository | undefined,
): Json {
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: simpleUser(world, owner),
    // Null once the fork is deleted.
    repo: repo === undefined ? null : repository(world, repo),
  };
}

/** `pull-request`: as `GET` on one, and in webhooks. */
export async function fullPull(world: World, pull: Pull): Promise<Json> {
  const { files, commits } = await pullDiff(world, pull);
  const known = pull.mergeability.state === "known" ? pull.mergeability.mergeable : null;
  return {
    ...simplePull(world, pull),
    merged: pull.merged !== undefined,
    mergeable: pull.state === "open" ? known : null,
    rebaseable: pull.state === "open" ? known : null,
    mergeable_state: mergeableState(pull),
    merged_by: pull.merged === undefined ? null : simpleUser(world, pull.merged.by),
    comments: [...pull.repository.comments.values()].filter((c) => c.number === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

function mergeableState(pull: Pull): string {
  if (pull.state === "closed" || pull.mergeability.state === "unknown") return "unknown";
  if (!pull.mergeability.mergeable) return "dirty";
  if (pull.draft) return "draft";
  return missingRequirements(pull).length === 0 ? "clean" : "blocked";
}

/** What the protection of the base branch still asks for, in GitHub's words. */
export function missingRequirements(pull: Pull): readonly string[] {
  const protection = pull.repository.protections.get(pull.base.ref);
  if (protection === undefined) return [];
  const missing: string[] = [];
  const approvals = new Set(
    pull.reviews.filter((r) => r.state === "APPROVED").map((review) => review.author.id),
  );
  if (approvals.size < protection.approvals) {
    missing.push(
      `At least ${protection.approvals} approving review is required by reviewers with write access.`,
    );
  }
  for (const name of protection.checks) {
    const check = [...pull.repository.checks.values()]
      .toReversed()
      .find((c) => c.name === name && c.headSha === pull.head.sha);
    const passed =
      check?.conclusion === "success" ||
      check?.conclusion === "neutral" ||
      check?.conclusion === "skipped";
    if (!passed) missing.push(`Required status check "${name}" is expected.`);
  }
  return missing;
}

export function diffEntry(
  world: World,
  repo: Repository,
  head: string,
  file: DiffFile,
  patch?: string,
): Json {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const html = `${world.origin}/${fullName(repo)}`;
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${head}/${path}`,
    raw_url: `${html}/raw/${head}/${path}`,
    contents_url: `${repositoryUrl(world, repo)}/contents/${path}?ref=${head}`,
    ...(file.from === undefined ? {} : { previous_filename: file.from }),
    ...(patch === undefined ? {} : { patch }),
  };
}
