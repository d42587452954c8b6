import type { Instant } from "../../base/brand.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { PullRequestView, Review } from "../../core/pull-request.ts";
import type { OpenPullRequest } from "../../core/reconcile.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, type GitlabResult, ok, projectPath } from "./client.ts";
import { type ProjectData, readBranch, readProject } from "./project.ts";
import { readReviews } from "./reviews.ts";
import {
  commitSchema,
  type MergeRequestData,
  mergeRequestListSchema,
  mergeRequestSchema,
} from "./schema.ts";

export async function readMergeRequest(
  client: GitlabClient,
  repo: { readonly id: string },
  number: number,
): Promise<GitlabResult<MergeRequestData>> {
  const path = projectPath(repo, `/merge_requests/${number}`);
  return await client.call({ method: "GET", path }, mergeRequestSchema);
}

export async function viewMergeRequest(
  client: GitlabClient,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<PullRequestView>> {
  const found = await readMergeRequest(client, repo, number);
  if (found.kind !== "ok") return found;
  const data = found.value;
  const head = data.sha ?? data.diff_refs?.head_sha;
  if (head === undefined) {
    const message = `!${number} of ${repo.fullName} has no commit yet. Push one to ${data.source_branch}.`;
    return { kind: "rejected", message };
  }
  const project = await readProject(client, repo);
  if (project.kind !== "ok") return project;
  const [branches, reviews, merged] = await Promise.all([
    readBranches(client, repo, data, project.value),
    readReviews(client, repo, number, data, head),
    readMerge(client, repo, data, head),
  ]);
  if (branches.kind !== "ok") return branches;
  if (reviews.kind !== "ok") return reviews;
  if (merged.kind !== "ok") return merged;
  return ok(view(data, head, branches.value, reviews.value, merged.value));
}

interface Branches {
  readonly baseSha: CommitSha;
  readonly defaultBranch: string;
  readonly defaultBranchSha: CommitSha;
}

function view(
  data: MergeRequestData,
  head: CommitSha,
  branches: Branches,
  reviews: readonly Review[],
  merged: PullRequestView["merged"],
): PullRequestView {
  return {
    number: data.iid,
    title: data.title,
    author: data.author,
    // `locked` is a merge that is being made.
    state: data.state === "opened" || data.state === "locked" ? "open" : data.state,
    draft: data.draft,
    // A fork that is gone is still one.
    fromFork: data.source_project_id !== data.target_project_id,
    headRef: data.source_branch,
    headSha: head,
    baseRef: data.target_branch,
    ...branches,
    mergeable: mergeableOf(data),
    mergeSha: data.state === "merged" ? mergeShaOf(data, head) : undefined,
    merged,
    reviews,
    url: data.web_url,
  };
}

/** Without a merge commit the branch was moved forward to the head itself. */
export function mergeShaOf(data: MergeRequestData, head: CommitSha): CommitSha {
  return data.merge_commit_sha ?? data.squash_commit_sha ?? head;
}

/** While GitLab works it out; approvals are counted anew after a push. */
const UNDECIDED: ReadonlySet<string> = new Set([
  "unchecked",
  "checking",
  "preparing",
  "approvals_syncing",
  "cannot_be_merged_recheck",
  "cannot_be_merged_rechecking",
]);

/**
 * `detailed_merge_status` names the first thing that is in the way, which need not be a conflict; the older `merge_status`
 * is about conflicts alone and is read beside it.
 */
function mergeableOf(data: MergeRequestData): PullRequestView["mergeable"] {
  const detailed = data.detailed_merge_status ?? "";
  const plain = data.merge_status ?? "";
  if (detailed === "conflict") return "conflict";
  if (UNDECIDED.has(plain) || UNDECIDED.has(detailed)) return "unknown";
  if (data.has_conflicts === true || plain === "cannot_be_merged") return "conflict";
  // The source branch is gone: nothing of it can be merged.
  return detailed === "commits_status" ? "conflict" : "clean";
}

/** Where base and default branch point now; a deleted one answers with what is known of it. */
async function readBranches(
  client: GitlabClient,
  repo: RepositoryRef,
  data: MergeRequestData,
  project: ProjectData,
): Promise<VcsResult<Branches>> {
  const defaultBranch = project.default_branch ?? data.target_branch;
  const lastKnown = data.diff_refs?.start_sha ?? data.diff_refs?.base_sha;
  const tip = async (branch: string): Promise<VcsResult<CommitSha>> => {
    const found = await readBranch(client, repo, branch);
    return found.kind === "not_found" && lastKnown !== undefined ? ok(lastKnown) : found;
  };
  const [base, main] = await Promise.all([
    tip(data.target_branch),
    defaultBranch === data.target_branch ? undefined : tip(defaultBranch),
  ]);
  if (base.kind !== "ok") return base;
  if (main !== undefined && main.kind !== "ok") return main;
  return ok({
    baseSha: base.value,
    defaultBranch,
    defaultBranchSha: main?.value ?? base.value,
  });
}

/** GitLab tells where the target branch was at the last push, not at the merge: the first parent of the merge says that. */
async function readMerge(
  client: GitlabClient,
  repo: RepositoryRef,
  data: MergeRequestData,
  head: CommitSha,
): Promise<VcsResult<PullRequestView["merged"]>> {
  const at = Date.parse(data.merged_at ?? "");
  if (data.state !== "merged" || !Number.isFinite(at)) return ok(undefined);
  const commit = data.merge_commit_sha ?? data.squash_commit_sha;
  // Moved forward: what it had in common with the target branch is where that was.
  const base = data.diff_refs?.base_sha ?? undefined;
  if (commit === undefined) {
    return ok(base === undefined || base === head ? undefined : { onto: base, at: at as Instant });
  }
  const path = projectPath(repo, `/repository/commits/${commit}`);
  const read = await client.call({ method: "GET", path }, commitSchema);
  if (read.kind === "not_found") return ok(undefined);
  if (read.kind !== "ok") return read;
  const onto = read.value.parent_ids?.[0];
  return ok(onto === undefined ? undefined : { onto, at: at as Instant });
}

const MERGED_MAX = 100;

/** The last that were merged, by when anything happened to them. */
export async function listMerged(
  client: GitlabClient,
  repo: RepositoryRef,
): Promise<VcsResult<readonly number[]>> {
  const order = { order_by: "updated_at", sort: "desc", per_page: String(MERGED_MAX) };
  const list = await client.call(
    {
      method: "GET",
      path: projectPath(repo, "/merge_requests"),
      query: { state: "merged", scope: "all", ...order },
    },
    mergeRequestListSchema,
  );
  return list.kind === "ok" ? ok(list.value.map(({ iid }) => iid)) : list;
}

export async function listOpen(
  client: GitlabClient,
  repo: RepositoryRef,
): Promise<VcsResult<readonly OpenPullRequest[]>> {
  const list = await client.pages(
    {
      method: "GET",
      path: projectPath(repo, "/merge_requests"),
      // Oldest first: what is opened while we page comes at the end and shifts nothing.
      query: { state: "opened", scope: "all", order_by: "created_at", sort: "asc" },
    },
    mergeRequestListSchema,
  );
  if (list.kind !== "ok") return list;
  return ok(
    list.value.flatMap(({ iid, sha, created_at }) =>
      // One without commits is not there yet.
      sha === undefined ? [] : [{ number: iid, head: sha, openedAtMs: Date.parse(created_at) }],
    ),
  );
}
