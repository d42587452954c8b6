import type { Instant } from "../../base/brand.ts";
import type { Account, AccountId, CommitSha } from "../../core/ids.ts";
import { parseCommitSha } from "../../core/ids.ts";
import type { PullRequestView, Review } from "../../core/pull-request.ts";
import type { OpenPullRequest } from "../../core/reconcile.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import {
  closedListSchema,
  type Pull,
  pullListSchema,
  pullSchema,
  refSchema,
  reviewListSchema,
} from "./schema.ts";

const PULL = repositoryPath("/pulls/{pull_number}");

export async function readPull(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<Pull>> {
  return await client.call(repo, `GET ${PULL}`, { ...of(repo), pull_number: number }, pullSchema);
}

export async function viewPullRequest(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<PullRequestView>> {
  const pull = await readPull(client, repo, number);
  if (pull.kind !== "ok") return pull;
  const { base, head } = pull.value;
  const defaultBranch = base.repo?.default_branch ?? base.ref;
  // GitHub leaves `base.sha` where the pull request was opened or last pushed; the branch itself knows better.
  const [baseSha, defaultSha, reviews] = await Promise.all([
    branchTip(client, repo, base.ref, base.sha),
    defaultBranch === base.ref ? undefined : branchTip(client, repo, defaultBranch, base.sha),
    readReviews(client, repo, number, head.sha),
  ]);
  if (baseSha.kind !== "ok") return baseSha;
  if (defaultSha !== undefined && defaultSha.kind !== "ok") return defaultSha;
  if (reviews.kind !== "ok") return reviews;
  return ok(
    view(
      pull.value,
      defaultBranch,
      baseSha.value,
      defaultSha?.value ?? baseSha.value,
      reviews.value,
    ),
  );
}

function view(
  pull: Pull,
  defaultBranch: string,
  baseSha: CommitSha,
  defaultBranchSha: CommitSha,
  reviews: readonly Review[],
): PullRequestView {
  const { head, base } = pull;
  return {
    number: pull.number,
    title: pull.title,
    author: pull.user,
    state: pull.merged ? "merged" : pull.state,
    draft: pull.draft === true,
    // A fork that is gone is still one.
    fromFork: head.repo?.id !== base.repo?.id,
    headRef: head.ref,
    headSha: head.sha,
    baseRef: base.ref,
    baseSha,
    defaultBranch,
    defaultBranchSha,
    mergeable: pull.mergeable === null ? "unknown" : pull.mergeable ? "clean" : "conflict",
    // While open, `merge_commit_sha` is only a trial.
    mergeSha: pull.merged ? (pull.merge_commit_sha ?? undefined) : undefined,
    merged: pull.merged ? mergeOf(pull) : undefined,
    reviews,
    url: pull.html_url,
  };
}

/** `base.sha` stays where the base branch was. */
function mergeOf({ base, merged_at: mergedAt }: Pull): PullRequestView["merged"] {
  const at = Date.parse(mergedAt ?? "");
  return Number.isFinite(at) ? { onto: base.sha, at: at as Instant } : undefined;
}

/** Where a branch points; a deleted one answers with what is known of it. */
async function branchTip(
  client: GithubClient,
  repo: RepositoryRef,
  branch: string,
  lastKnown: CommitSha,
): Promise<VcsResult<CommitSha>> {
  const found = await readBranch(client, repo, branch);
  return found.kind === "not_found" ? ok(lastKnown) : found;
}

export async function readBranch(
  client: GithubClient,
  repo: RepositoryRef,
  branch: string,
): Promise<VcsResult<CommitSha>> {
  const route = `GET ${repositoryPath("/git/ref/{ref}")}`;
  const found = await client.call(repo, route, { ...of(repo), ref: `heads/${branch}` }, refSchema);
  return found.kind === "ok" ? ok(found.value.object.sha) : found;
}

async function readReviews(
  client: GithubClient,
  repo: RepositoryRef,
  number: number,
  head: CommitSha,
): Promise<VcsResult<readonly Review[]>> {
  const route = `GET ${PULL}/reviews`;
  const list = await client.pages(
    repo,
    route,
    { ...of(repo), pull_number: number },
    reviewListSchema,
  );
  return list.kind === "ok" ? ok(opinions(list.value, head)) : list;
}

/** What GitHub tells of a review; the commit is missing where it is gone. */
export interface ToldReview {
  readonly user: Account;
  readonly state: string;
  readonly commit_id: string | null;
}

/**
 * The latest opinion of each person. Comments do not replace an opinion, a dismissal ends it, and an
 * earlier one does not come back with that.
 */
export function opinions(told: readonly ToldReview[], head: CommitSha): readonly Review[] {
  const latest = new Map<AccountId, Review | undefined>();
  for (const { user, state, commit_id: commit } of told) {
    if (state === "DISMISSED") latest.set(user.id, undefined);
    else if (state === "APPROVED") latest.set(user.id, opinion(user, "approved", commit));
    else if (state === "CHANGES_REQUESTED") {
      // An objection stands, even if GitHub no longer knows to which commit.
      latest.set(user.id, opinion(user, "changes_requested", commit ?? head));
    }
  }
  return [...latest.values()].filter((review) => review !== undefined);
}

function opinion(
  reviewer: Account,
  verdict: Review["verdict"],
  commit: string | null,
): Review | undefined {
  const parsed = commit === null ? undefined : parseCommitSha(commit);
  return parsed === undefined ? undefined : { reviewer, verdict, commit: parsed };
}

const CLOSED_MAX = 100;

/** Of the last that were closed, by when anything happened to them, those that were merged. */
export async function listMerged(
  client: GithubClient,
  repo: RepositoryRef,
): Promise<VcsResult<readonly number[]>> {
  const route = `GET ${repositoryPath("/pulls")}`;
  const order = { sort: "updated", direction: "desc", per_page: CLOSED_MAX };
  const list = await client.call(
    repo,
    route,
    { ...of(repo), state: "closed", ...order },
    closedListSchema,
  );
  if (list.kind !== "ok") return list;
  return ok(list.value.flatMap(({ number, merged_at }) => (merged_at === null ? [] : [number])));
}

export async function listOpen(
  client: GithubClient,
  repo: RepositoryRef,
): Promise<VcsResult<readonly OpenPullRequest[]>> {
  const route = `GET ${repositoryPath("/pulls")}`;
  // Oldest first: what is opened while we page comes at the end and shifts nothing.
  const wanted = { ...of(repo), state: "open", sort: "created", direction: "asc" };
  const list = await client.pages(repo, route, wanted, pullListSchema);
  if (list.kind !== "ok") return list;
  return ok(
    list.value.map(({ number, head, created_at }) => ({
      number,
      head: head.sha,
      openedAtMs: Date.parse(created_at),
    })),
  );
}
