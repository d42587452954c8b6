import type { PullRequestView } from "../../core/pull-request.ts";
import type {
  ForgeCheck,
  ForgeComment,
  ForgePullRequest,
  ForgeReview,
  ForgeReviewRequest,
} from "../../ports/forge-store.ts";
import type { VcsResult } from "../../ports/vcs.ts";
import { type DiffText, diffText, mergeBase } from "../git/diff.ts";
import type { CommitLine } from "../git/log.ts";
import { bare, type ForgeContext, findPull, findRepository, ok } from "./context.ts";
import { viewPull } from "./view.ts";

const COMMITS_SHOWN_MAX = 250;
const DIFF_CHARS_MAX = 2_000_000;
export const LIST_MAX = 100;

/** A pull request with all that was said about it, for the dashboard and the CLI. */
export interface LocalPullRequest {
  readonly pull: ForgePullRequest;
  readonly view: PullRequestView;
  readonly comments: readonly ForgeComment[];
  readonly reviews: readonly ForgeReview[];
  readonly reviewRequests: readonly ForgeReviewRequest[];
  /** Of the head commit. */
  readonly checks: readonly ForgeCheck[];
  readonly commits: readonly CommitLine[];
}

export async function readPull(
  context: ForgeContext,
  repositoryId: string,
  number: number,
): Promise<VcsResult<LocalPullRequest>> {
  const found = await findPull(context, repositoryId, number);
  if (found.kind !== "ok") return found;
  const { repository, pull } = found.value;
  const view = await viewPull(context, found.value);
  if (view.kind !== "ok") return view;
  const { headSha } = view.value;
  const key = { repository: repository.id, number };
  const repo = bare(context, repository);
  // Where it was opened from: a merged base holds the head, and would leave no commit to show.
  const base = pull.status.state === "open" ? view.value.baseSha : pull.baseSha;
  const [comments, reviews, reviewRequests, checks, commits] = await Promise.all([
    context.store.comments(key),
    context.store.reviews(key),
    context.store.reviewRequests(key),
    context.store.checks(repository.id, headSha),
    context.facts.commits(repo, base, headSha, COMMITS_SHOWN_MAX),
  ]);
  return ok({ pull, view: view.value, comments, reviews, reviewRequests, checks, commits });
}

export async function readDiff(
  context: ForgeContext,
  repositoryId: string,
  number: number,
): Promise<VcsResult<DiffText>> {
  const found = await findPull(context, repositoryId, number);
  if (found.kind !== "ok") return found;
  const { repository, pull } = found.value;
  const view = await viewPull(context, found.value);
  if (view.kind !== "ok") return view;
  const repo = bare(context, repository);
  const base = pull.status.state === "open" ? view.value.baseSha : pull.baseSha;
  const from = (await mergeBase(repo, base, view.value.headSha)) ?? base;
  return ok(await diffText(repo, from, view.value.headSha, DIFF_CHARS_MAX));
}

export async function listPulls(
  context: ForgeContext,
  repositoryId: string,
  filter: { readonly state: "open" | "all"; readonly below?: number },
): Promise<VcsResult<readonly ForgePullRequest[]>> {
  const found = await findRepository(context, repositoryId);
  if (found.kind !== "ok") return found;
  return ok(await context.store.pullRequests(repositoryId, { ...filter, limit: LIST_MAX }));
}
