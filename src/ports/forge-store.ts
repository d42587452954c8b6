import type { Instant } from "../base/brand.ts";
import type { Account, AccountId, CommitSha } from "../core/ids.ts";
import type { Permission } from "../core/pull-request.ts";
import type { VcsEvent } from "../core/vcs-event.ts";
import type { CheckDraft } from "./vcs.ts";

/** A repository of the local forge: its row, and where its git data lie. */
export interface ForgeRepository {
  readonly id: string;
  readonly fullName: string;
  readonly bareDir: string;
}

export interface ForgeAccount extends Account {
  /** Where no repository says otherwise. */
  readonly permission: Permission;
}

export type ForgePullState =
  | { readonly state: "open" }
  | { readonly state: "closed"; readonly at: Instant }
  | {
      readonly state: "merged";
      readonly at: Instant;
      readonly commit: CommitSha;
      /** Nobody: Terrane itself, or somebody who pushed the merge without asking us. */
      readonly by: Account | undefined;
    };

export interface ForgePullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: Account;
  readonly status: ForgePullState;
  readonly draft: boolean;
  readonly headRef: string;
  readonly baseRef: string;
  /** Last known; git knows better while the branch exists. */
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** A merge that was begun; it happened if the base branch contains the commit. */
export interface ForgeMergeIntent {
  readonly number: number;
  readonly commit: CommitSha;
  readonly head: CommitSha;
  readonly by: AccountId | undefined;
}

export interface ForgeComment {
  readonly id: string;
  /** `undefined`: Terrane's own. */
  readonly author: Account | undefined;
  readonly body: string;
  readonly edits: number;
  readonly acknowledged: boolean;
  /** Terrane's own, and replaced by a newer one. */
  readonly outdated: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface ForgeReview {
  readonly id: string;
  readonly reviewer: Account;
  readonly verdict: "approved" | "changes_requested";
  readonly commit: CommitSha;
  readonly body: string;
  readonly createdAt: Instant;
  readonly dismissed: boolean;
}

export interface ForgeCheck {
  readonly id: string;
  readonly name: string;
  readonly commit: CommitSha;
  readonly status: CheckDraft["status"];
  readonly conclusion: CheckDraft["conclusion"];
  readonly title: string;
  readonly summary: string;
  readonly detailsUrl: string | undefined;
  readonly updatedAt: Instant;
}

/** Of a review; Terrane asks, and a review by the person, or by one of the team, answers it. */
export interface ForgeReviewRequest {
  readonly kind: "user" | "team";
  readonly name: string;
  readonly at: Instant;
  readonly answered: boolean;
}

/** Terrane alone opens them; people close them. */
export interface ForgeIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly closedAt: Instant | undefined;
}

/** Which pull request; its repository is known to exist. */
export interface ForgePullKey {
  readonly repository: string;
  readonly number: number;
}

export interface ForgeBranch {
  readonly name: string;
  readonly commit: CommitSha;
}

/** What a server saw in git, and what follows from it. */
export interface ForgeObservation {
  readonly repository: string;
  /** The version read before git was; the write is refused when another server wrote since. */
  readonly version: number;
  readonly set: readonly ForgeBranch[];
  readonly gone: readonly string[];
  readonly heads: readonly { readonly number: number; readonly head: CommitSha }[];
  readonly merged: readonly {
    readonly number: number;
    readonly head: CommitSha;
    readonly commit: CommitSha;
    readonly by: AccountId | undefined;
  }[];
  readonly events: readonly VcsEvent[];
  readonly at: Instant;
}

/** An event that nobody has taken yet. */
export interface ForgeDelivery {
  readonly seq: string;
  readonly attempts: number;
  readonly event: VcsEvent;
}

/**
 * Memory of the local forge. Every change takes the events it causes and stores both or neither;
 * a change that does not apply any more (`false`) stores no event.
 */
export interface ForgeStore {
  addRepository(
    repository: ForgeRepository & { readonly at: Instant },
  ): Promise<"added" | "name_taken" | "directory_taken">;
  repositories(): Promise<readonly ForgeRepository[]>;
  repository(id: string): Promise<ForgeRepository | undefined>;
  repositoryNamed(fullName: string): Promise<ForgeRepository | undefined>;

  /** Finds the account of this login, or adds it. */
  ensureAccount(account: ForgeAccount & { readonly at: Instant }): Promise<ForgeAccount>;
  account(id: AccountId): Promise<ForgeAccount | undefined>;
  /** By name, with the permission that each has in this repository. */
  people(repository: string, max: number): Promise<readonly ForgeAccount[]>;
  setPermission(repository: string, account: AccountId, permission: Permission): Promise<void>;
  permission(repository: string, account: AccountId): Promise<Permission | undefined>;
  /** Slugs of teams are in lower case. */
  setTeamMember(team: string, account: AccountId, member: boolean): Promise<void>;
  teamMember(team: string, account: AccountId): Promise<boolean>;

  /** The number of the new pull request, or of the open one that has these branches already. */
  openPullRequest(
    draft: {
      readonly repository: string;
      readonly title: string;
      readonly body: string;
      readonly author: AccountId;
      readonly draft: boolean;
      readonly headRef: string;
      readonly baseRef: string;
      readonly headSha: CommitSha;
      readonly baseSha: CommitSha;
      readonly at: Instant;
    },
    event: (number: number) => VcsEvent,
  ): Promise<{ readonly kind: "opened" | "exists"; readonly number: number }>;
  pullRequest(key: ForgePullKey): Promise<ForgePullRequest | undefined>;
  /** Newest first. `unsettled`: open, or closed while a merge was under way. */
  pullRequests(
    repository: string,
    filter: {
      readonly state: "open" | "unsettled" | "all";
      readonly limit: number;
      readonly below?: number;
    },
  ): Promise<readonly ForgePullRequest[]>;
  edit(
    key: ForgePullKey,
    change: {
      readonly title?: string;
      readonly body?: string;
      readonly draft?: boolean;
      readonly at: Instant;
    },
    event: VcsEvent,
  ): Promise<void>;
  close(key: ForgePullKey, at: Instant, event: VcsEvent): Promise<boolean>;
  /** `exists` when another open pull request has the same branches meanwhile. */
  reopen(
    key: ForgePullKey,
    heads: { readonly headSha: CommitSha; readonly baseSha: CommitSha; readonly at: Instant },
    event: VcsEvent,
  ): Promise<
    | { readonly kind: "reopened" | "not_closed" }
    | { readonly kind: "exists"; readonly number: number }
  >;
  /** `false` when the pull request is not open any more. */
  intendMerge(repository: string, intent: ForgeMergeIntent): Promise<boolean>;
  /** The merges that were begun and not yet found. */
  mergeIntents(repository: string): Promise<readonly ForgeMergeIntent[]>;

  addComment(
    key: ForgePullKey,
    comment: { readonly author: AccountId; readonly body: string; readonly at: Instant },
    event: (comment: string) => VcsEvent,
  ): Promise<string>;
  putComment(
    key: ForgePullKey,
    comment: { readonly key: string; readonly body: string; readonly at: Instant },
  ): Promise<string>;
  /** Marks or deletes the comment of that key, if there is one. */
  outdateComment(
    key: ForgePullKey,
    comment: { readonly key: string; readonly how: "hidden" | "deleted"; readonly at: Instant },
  ): Promise<void>;
  acknowledge(key: ForgePullKey, comment: string, at: Instant): Promise<boolean>;
  comment(key: ForgePullKey, id: string): Promise<ForgeComment | undefined>;
  comments(key: ForgePullKey): Promise<readonly ForgeComment[]>;

  addReview(
    key: ForgePullKey,
    review: {
      readonly reviewer: AccountId;
      readonly verdict: "approved" | "changes_requested";
      readonly commit: CommitSha;
      readonly body: string;
      readonly at: Instant;
    },
    event: VcsEvent,
  ): Promise<string>;
  /** Dismisses the opinions of a reviewer; `false` when there was none. */
  dismissReviews(
    key: ForgePullKey,
    reviewer: AccountId,
    dismissal: { readonly by: AccountId; readonly at: Instant },
    event: VcsEvent,
  ): Promise<boolean>;
  reviews(key: ForgePullKey): Promise<readonly ForgeReview[]>;

  /** Whoever was asked already stays asked. */
  requestReviews(
    key: ForgePullKey,
    wanted: readonly Pick<ForgeReviewRequest, "kind" | "name">[],
    at: Instant,
  ): Promise<void>;
  reviewRequests(key: ForgePullKey): Promise<readonly ForgeReviewRequest[]>;
  /** The account of this login, in any case. */
  accountNamed(login: string): Promise<ForgeAccount | undefined>;
  teamExists(team: string): Promise<boolean>;

  putCheck(repository: string, check: CheckDraft, at: Instant): Promise<string>;
  checks(repository: string, commit: CommitSha): Promise<readonly ForgeCheck[]>;

  /** Newest first. */
  issues(
    repository: string,
    filter: { readonly state: "open" | "all"; readonly limit: number },
  ): Promise<readonly ForgeIssue[]>;
  /** Gives its number. */
  openIssue(
    repository: string,
    issue: { readonly title: string; readonly body: string; readonly at: Instant },
  ): Promise<number>;
  editIssue(
    repository: string,
    number: number,
    issue: { readonly title: string; readonly body: string; readonly at: Instant },
  ): Promise<void>;
  /** `false` where there is no such issue. */
  setIssueState(
    repository: string,
    number: number,
    state: "open" | "closed",
    at: Instant,
  ): Promise<boolean>;

  /** What was last seen, with the version to hand back to `observe`. */
  branches(
    repository: string,
  ): Promise<{ readonly version: number; readonly branches: readonly ForgeBranch[] }>;
  observe(observation: ForgeObservation): Promise<boolean>;

  /** Events to hand over, oldest first. */
  deliveries(now: Instant, limit: number): Promise<readonly ForgeDelivery[]>;
  delivered(seq: string, at: Instant): Promise<void>;
  postpone(seq: string, until: Instant): Promise<void>;
  /** The log of what was handed over, newest first; for people and for tests. */
  deliveryLog(repository: string, limit: number): Promise<readonly VcsEvent[]>;
  /** Forgets events handed over before then; gives how many. */
  forgetDeliveries(before: Instant): Promise<number>;
}
