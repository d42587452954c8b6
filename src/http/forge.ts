import type { AccountId, CommitSha } from "../core/ids.ts";
import type { Permission, PullRequestView } from "../core/pull-request.ts";
import type {
  ForgeAccount,
  ForgeCheck,
  ForgeComment,
  ForgeIssue,
  ForgePullRequest,
  ForgeRepository,
  ForgeReview,
  ForgeReviewRequest,
} from "../ports/forge-store.ts";
import type { MergeRequest, VcsResult } from "../ports/vcs.ts";

export interface Act {
  readonly repository: string;
  readonly number: number;
  readonly by: AccountId;
}

export interface ForgePull {
  readonly pull: ForgePullRequest;
  readonly view: PullRequestView;
  readonly comments: readonly ForgeComment[];
  readonly reviews: readonly ForgeReview[];
  readonly reviewRequests: readonly ForgeReviewRequest[];
  readonly checks: readonly ForgeCheck[];
  readonly commits: readonly {
    readonly commit: CommitSha;
    readonly author: string;
    readonly subject: string;
    /** Seconds since the epoch. */
    readonly at: number;
  }[];
}

/** What people can do with pull requests here, where this server is the forge itself. Ids are the forge's own. */
export interface Forge {
  createRepository(wanted: {
    readonly name: string;
    readonly bareDir?: string;
  }): Promise<VcsResult<ForgeRepository>>;
  repository(idOrName: string): Promise<ForgeRepository | undefined>;
  ensureAccount(login: string, permission?: Permission): Promise<VcsResult<ForgeAccount>>;
  people(repository: string, max: number): Promise<readonly ForgeAccount[]>;
  setPermission(
    repository: string,
    account: AccountId,
    permission: Permission,
  ): Promise<VcsResult<void>>;
  setTeamMember(team: string, account: AccountId, member: boolean): Promise<VcsResult<void>>;
  openPullRequest(wanted: {
    readonly repository: string;
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
    readonly draft?: boolean;
    readonly by: AccountId;
  }): Promise<VcsResult<number>>;
  comment(act: Act, body: string): Promise<VcsResult<string>>;
  review(
    act: Act,
    opinion: { readonly verdict: "approved" | "changes_requested"; readonly body: string },
  ): Promise<VcsResult<string>>;
  dismissReview(act: Act, reviewer: AccountId): Promise<VcsResult<void>>;
  close(act: Act): Promise<VcsResult<void>>;
  reopen(act: Act): Promise<VcsResult<void>>;
  edit(act: Act, change: { readonly draft?: boolean }): Promise<VcsResult<void>>;
  merge(act: Act, request: MergeRequest): Promise<VcsResult<CommitSha>>;
  pullRequest(repository: string, number: number): Promise<VcsResult<ForgePull>>;
  diff(
    repository: string,
    number: number,
  ): Promise<VcsResult<{ readonly text: string; readonly truncated: boolean }>>;
  issues(repository: string, state: "open" | "all"): Promise<VcsResult<readonly ForgeIssue[]>>;
  setIssueState(act: Act, state: "open" | "closed"): Promise<VcsResult<void>>;
  /** Hands over what happened and was not told yet. */
  notice(repository?: string): Promise<void>;
}
