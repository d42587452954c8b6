import type { AccountId } from "../../core/ids.ts";
import type { PullRequestView, Review } from "../../core/pull-request.ts";
import type { ForgeReview } from "../../ports/forge-store.ts";
import type { VcsResult } from "../../ports/vcs.ts";
import { defaultBranch, readBranches } from "../git/ref.ts";
import { bare, type ForgeContext, type FoundPull, ok, rejected } from "./context.ts";

/** A pull request as it is now: its row for what people said, git for where the branches are. */
export async function viewPull(
  context: ForgeContext,
  { repository, pull }: FoundPull,
): Promise<VcsResult<PullRequestView>> {
  const repo = bare(context, repository);
  const key = { repository: repository.id, number: pull.number };
  const found = await readBranches(repo);
  const branches = new Map(found.branches.map((branch) => [branch.name, branch.commit]));
  const main = found.head;
  if (main === undefined) {
    return rejected(
      `The default branch ${await defaultBranch(repo)} of ${repository.fullName} does not exist. Push it, or name another one with git symbolic-ref HEAD.`,
    );
  }
  const open = pull.status.state === "open";
  // A deleted head branch takes nothing away: its commits are kept, and a push brings it back.
  const headSha = (open ? branches.get(pull.headRef) : undefined) ?? pull.headSha;
  const baseSha = branches.get(pull.baseRef) ?? pull.baseSha;
  const mergeable = open ? await context.facts.mergeable(repo, baseSha, headSha) : "unknown";
  return ok({
    number: pull.number,
    title: pull.title,
    author: pull.author,
    state: pull.status.state,
    draft: pull.draft,
    fromFork: false,
    headRef: pull.headRef,
    headSha,
    baseRef: pull.baseRef,
    baseSha,
    defaultBranch: main.name,
    defaultBranchSha: main.commit,
    mergeable,
    mergeSha: pull.status.state === "merged" ? pull.status.commit : undefined,
    merged: pull.status.state === "merged" ? { onto: pull.baseSha, at: pull.status.at } : undefined,
    reviews: latestOpinions(await context.store.reviews(key)),
    url: context.pullRequestUrl(repository.fullName, pull.number),
  });
}

function latestOpinions(reviews: readonly ForgeReview[]): readonly Review[] {
  const latest = new Map<AccountId, Review>();
  for (const { reviewer, verdict, commit, dismissed } of reviews) {
    if (!dismissed) latest.set(reviewer.id, { reviewer, verdict, commit });
  }
  return [...latest.values()];
}
