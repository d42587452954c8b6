import type { Instant } from "../base/brand.ts";
import type { Account, AccountId, CommitSha } from "./ids.ts";

/** What the VCS says about a pull request now. Webhook bodies are hints; only this is believed (S14, S23). */
export interface PullRequestView {
  readonly number: number;
  readonly title: string;
  readonly author: Account;
  readonly state: "open" | "merged" | "closed";
  readonly draft: boolean;
  /** The head lives in another repository: nothing may run for it unasked (S17). */
  readonly fromFork: boolean;
  readonly headRef: string;
  readonly headSha: CommitSha;
  readonly baseRef: string;
  /** Where the base branch points now, not where the pull request left it. */
  readonly baseSha: CommitSha;
  readonly defaultBranch: string;
  readonly defaultBranchSha: CommitSha;
  /** `unknown`: the VCS has not worked it out yet; never to be read as a conflict. */
  readonly mergeable: "clean" | "conflict" | "unknown";
  /** Set once merged: the commit on the base branch that holds the change. */
  readonly mergeSha: CommitSha | undefined;
  /** Where its base branch was before the merge, and when that was. */
  readonly merged?: { readonly onto: CommitSha; readonly at: Instant } | undefined;
  /** The latest opinion of each reviewer, for any commit; the decision looks at `commit`. */
  readonly reviews: readonly Review[];
  readonly url: string | undefined;
}

export interface Review {
  readonly reviewer: Account;
  readonly verdict: "approved" | "changes_requested";
  readonly commit: CommitSha;
}

/** The latest state of one check of a commit, whoever made it. */
export interface CommitCheck {
  readonly name: string;
  /** Skipped and neutral ones passed: the VCS itself lets a pull request merge with them. */
  readonly state: "passed" | "pending" | "failed";
}

/** A changed path between two commits. */
export type FileChange =
  | { readonly kind: "added" | "modified" | "deleted"; readonly path: string }
  | { readonly kind: "renamed"; readonly from: string; readonly to: string };

/** What a person may do in a repository, weakest first. */
export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";

const PERMISSION_RANK: Readonly<Record<Permission, number>> = {
  none: 0,
  read: 1,
  triage: 2,
  write: 3,
  maintain: 4,
  admin: 5,
};

export function allows(has: Permission, needs: Permission): boolean {
  return PERMISSION_RANK[has] >= PERMISSION_RANK[needs];
}

/** The distinct people who approve this very commit; the author never counts (S14). */
export function approversOf(view: PullRequestView): readonly Account[] {
  const seen = new Map<AccountId, Account>();
  for (const review of view.reviews) {
    if (review.verdict !== "approved" || review.commit !== view.headSha) continue;
    if (review.reviewer.id === view.author.id) continue;
    seen.set(review.reviewer.id, review.reviewer);
  }
  return [...seen.values()];
}

/** A person's comment: who wrote it, and what. */
export interface SaidComment {
  readonly author: Account;
  readonly body: string;
  /** By the clock of the VCS; absent where comments are heard at once. */
  readonly writtenAt?: Instant;
}
