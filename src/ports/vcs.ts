import type { Instant } from "../base/brand.ts";
import type { Annotation } from "../core/annotation.ts";
import type { AccountId, CommitSha } from "../core/ids.ts";
import type {
  CommitCheck,
  FileChange,
  Permission,
  PullRequestView,
  SaidComment,
} from "../core/pull-request.ts";
import type { OpenPullRequest } from "../core/reconcile.ts";
import type { LeftIssue } from "../core/run/issue.ts";
import type { InstallationState } from "../core/standing.ts";
import type { Button, VcsEvent } from "../core/vcs-event.ts";
import type { FileProposal, Proposed } from "./proposal.ts";

import type { Doubt, RepositoryStanding } from "./standing-store.ts";

/** A repository in the words of its VCS: ids that survive renames, and the name people read. */
export interface RepositoryRef {
  /** The VCS's id of what we are installed on (an app installation, a group, the local host). */
  readonly installation: string;
  /** The VCS's own stable id of the repository. */
  readonly id: string;
  /** `owner/name`, or `a/b/c/name`; for people and URLs only. */
  readonly fullName: string;
}

/**
 * Why a call gave no value. `unavailable` is nobody's fault here and worth another try;
 * `rejected` will be rejected again.
 */
export type VcsFailure =
  | { readonly kind: "not_found"; readonly message: string }
  | { readonly kind: "forbidden"; readonly message: string }
  | {
      readonly kind: "rejected";
      readonly message: string;
      /** A merge that the branch takes through its queue only: `enqueue`. */
      readonly byQueue?: true;
    }
  | {
      readonly kind: "unavailable";
      readonly message: string;
      readonly retryAfterMs: number | undefined;
      /** Not only this call: whatever is asked for this installation has to wait as long. */
      readonly waitsForAll?: true;
    };

export type VcsResult<T> = { readonly kind: "ok"; readonly value: T } | VcsFailure;

/** A comment or check that we keep one of, found again by `key` even when the answer to the first call was lost (S25). */
export interface CommentDraft {
  /** Hidden in the comment as a marker. */
  readonly key: string;
  readonly markdown: string;
  /** What an earlier call returned, if we know it. */
  readonly externalId: string | undefined;
  /** Nobody has tried to write it since then, as far as we remember. */
  readonly firstSince?: Instant;
  /** Nobody can have tried to write it before, so nobody needs to look for it. */
  readonly isNew?: true;
  /** Another comment says how things stand as well: where little may still be written, this one waits. */
  readonly isExtra?: true;
}

/** A comment of ours that something newer replaces. */
export interface OutdatedComment {
  readonly key: string;
  readonly externalId: string | undefined;
  /** `hidden`: people who look for it still find it, as near to that as the VCS comes. */
  readonly how: "hidden" | "deleted";
}

export interface CheckDraft {
  /** Also the visible name: `terrane plan`, `terrane apply`. */
  readonly name: string;
  /** The older kind, where the VCS has two: without text and buttons. */
  readonly isStatus?: true;
  readonly commit: CommitSha;
  /** The pull request that it is of. */
  readonly number: number;
  /** What people can press, where the VCS has buttons. */
  readonly buttons: readonly Button[];
  /** Findings at lines of the commit's files that the check has not told yet; at most 50. */
  readonly annotations?: readonly Annotation[];
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion:
    | "success"
    | "failure"
    | "neutral"
    | "cancelled"
    | "action_required"
    | undefined;
  readonly title: string;
  readonly summary: string;
  readonly detailsUrl: string | undefined;
  readonly externalId: string | undefined;
  readonly firstSince?: Instant;
}

export interface MergeRequest {
  /** The merge is refused when the head has moved since. */
  readonly head: CommitSha;
  /** `auto`: whichever of the others the repository allows, in this order. */
  readonly method: "auto" | "merge" | "squash" | "rebase";
  /** The first line of the commit; the VCS's own where it is absent. */
  readonly title?: string;
}

/** One label of ours, and those that it takes the place of; labels of others stay. */
export interface LabelWish {
  readonly name: string;
  readonly instead: readonly string[];
}

export interface ReviewersWanted {
  readonly users: readonly string[];
  readonly teams: readonly string[];
}

export interface UnaskedReviewer {
  /** As in a match list: `user:ann`, `team:security`. */
  readonly name: string;
  readonly message: string;
}

export interface ReadComment extends SaidComment {
  /** The pull request, where the VCS gave both in one answer: whoever asks for a comment asks for that next. */
  readonly pullRequest?: PullRequestView;
}

export type FileRead =
  | { readonly path: string; readonly kind: "text"; readonly text: string }
  /** It is there, and will not be read: too large, or no file of its own. */
  | { readonly path: string; readonly kind: "unreadable"; readonly message: string };

export interface Sibling {
  readonly ref: RepositoryRef;
  /** The head of its default branch. */
  readonly commit: CommitSha;
}

export interface FoundRepository {
  readonly ref: RepositoryRef;
  readonly defaultBranch: string;
}

/** What a pull request is judged by: itself, its files and rules, who may, and what stands in the way. */
export type Judging = Pick<
  Vcs,
  | "kind"
  | "pullRequest"
  | "tree"
  | "changes"
  | "file"
  | "readFiles"
  | "sibling"
  | "permission"
  | "teamMember"
  | "checks"
  | "openReviews"
>;

/** What one VCS can honestly answer and do. Every method is safe to call twice. */
export interface Vcs {
  readonly kind: string;
  /** The same for whom an apply waits: it may use what is kept back of a limit. Absent where nothing is kept back. */
  readonly permitting?: Judging;
  /** Longest comment the VCS takes, in characters. */
  readonly commentCharsMax: number;
  /** Writing costs nothing here: what only shows progress is not held back. */
  readonly writesFreely?: boolean;
  /** What stands before a pull request's number to make it a link. */
  readonly numberSign: "#" | "!";
  /** It has commit statuses beside its checks. */
  readonly hasStatuses?: true;

  pullRequest(repo: RepositoryRef, number: number): Promise<VcsResult<PullRequestView>>;
  openPullRequests(repo: RepositoryRef): Promise<VcsResult<readonly OpenPullRequest[]>>;
  /**
   * Numbers of the pull requests that were merged last, 50 at least where there are so many. Absent where a VCS tells of
   * every merge in a way that cannot be lost.
   */
  mergedPullRequests?(repo: RepositoryRef): Promise<VcsResult<readonly number[]>>;
  /** Where a branch points now; `not_found` where there is no such branch. */
  branch(repo: RepositoryRef, name: string): Promise<VcsResult<CommitSha>>;
  /** Every file path at a commit; exact, never a silent subset. */
  tree(repo: RepositoryRef, commit: CommitSha): Promise<VcsResult<readonly string[]>>;
  /** What `head` changes since its merge base with `base`; with `direct`, from `base` itself. */
  changes(
    repo: RepositoryRef,
    range: { readonly base: CommitSha; readonly head: CommitSha; readonly direct: boolean },
  ): Promise<VcsResult<readonly FileChange[]>>;
  /** Text of a file at a commit; `undefined` where there is none. `rejected` when it is larger than `charsMax`. */
  file(
    repo: RepositoryRef,
    commit: CommitSha,
    path: string,
    charsMax: number,
  ): Promise<VcsResult<string | undefined>>;
  /** The same for several files, in few calls; what is not there is left out. In the order of `paths`. */
  readFiles(
    repo: RepositoryRef,
    commit: CommitSha,
    paths: readonly string[],
    charsMax: number,
  ): Promise<VcsResult<readonly FileRead[]>>;
  /**
   * The first of the repositories with these names beside `repo`, of the same owner and never of another one,
   * that has the directory `folder` on its default branch; `undefined` where there is none that we may see.
   */
  sibling(
    repo: RepositoryRef,
    names: readonly string[],
    folder: string,
  ): Promise<VcsResult<Sibling | undefined>>;
  /** A person's comment on that pull request; `not_found` where it is on another one. */
  comment(repo: RepositoryRef, number: number, id: string): Promise<VcsResult<ReadComment>>;
  permission(repo: RepositoryRef, account: AccountId): Promise<VcsResult<Permission>>;
  /** Whether the account is in that team of the repository's owner; a team that does not exist has nobody. */
  teamMember(repo: RepositoryRef, team: string, account: AccountId): Promise<VcsResult<boolean>>;
  /** The latest check of each name on that commit, by anybody but us. */
  checks(repo: RepositoryRef, commit: CommitSha): Promise<VcsResult<readonly CommitCheck[]>>;
  /** Which reviews are outstanding: of whom one was asked, or what the VCS's own rules still want. */
  openReviews(repo: RepositoryRef, number: number): Promise<VcsResult<readonly string[]>>;

  /** Creates the comment or edits the one that carries the same key. Returns its id. */
  putComment(repo: RepositoryRef, number: number, draft: CommentDraft): Promise<VcsResult<string>>;
  /** Takes it out of sight. One that is not there any more is out of sight already. */
  outdateComment(
    repo: RepositoryRef,
    number: number,
    comment: OutdatedComment,
  ): Promise<VcsResult<void>>;
  /** Acknowledges a person's comment with a reaction. */
  acknowledge(repo: RepositoryRef, number: number, comment: string): Promise<VcsResult<void>>;
  /** Creates or updates the check of that name on that commit. Returns its id. */
  putCheck(repo: RepositoryRef, draft: CheckDraft): Promise<VcsResult<string>>;
  /** Gives the pull request that label. Absent where a VCS has no labels. */
  putLabel?(repo: RepositoryRef, number: number, label: LabelWish): Promise<VcsResult<void>>;
  /**
   * Has these told by open issues of the repository, one for each. An open one of ours that is about some of the same is
   * edited instead of a second one, and left alone where it tells the same already.
   */
  putIssues(repo: RepositoryRef, issues: readonly LeftIssue[]): Promise<VcsResult<void>>;
  /**
   * Asks these for a review, people by login and teams by name; whoever was asked already is not asked again. Gives those
   * who cannot be asked.
   */
  askReviewers(
    repo: RepositoryRef,
    number: number,
    wanted: ReviewersWanted,
  ): Promise<VcsResult<readonly UnaskedReviewer[]>>;
  /**
   * A token that reads this one repository for an hour or so and does nothing else; absent where a VCS has no such thing.
   */
  readToken?(repo: RepositoryRef): Promise<VcsResult<string>>;
  /**
   * The repository that people call so, before anything was heard of it; `not_found` where we are not let in. Absent where a
   * VCS has no such thing.
   */
  lookUp?(fullName: string): Promise<VcsResult<FoundRepository>>;
  /**
   * Opens a pull request with these files, or finds the one it opened before and brings its branch up to date. Commits of
   * somebody else on that branch stay. Absent where a VCS has no way to do it.
   */
  proposeFiles?(repo: RepositoryRef, proposal: FileProposal): Promise<VcsResult<Proposed>>;
  /** What lets us in; absent where that has no end that anybody has to know of. */
  credential?(): Promise<VcsResult<Credential>>;
  /** What keeps the repository's webhook from coming to this address; undefined where nothing is known to. */
  webhookTrouble?(repo: RepositoryRef, url: string): Promise<VcsResult<WebhookTrouble | undefined>>;
  /** How we stand with what we are installed on; absent where a VCS has no such thing. */
  installationState?(installation: string): Promise<VcsResult<InstallationState>>;
  /** Where the repository is now, by its id. */
  repositoryStanding?(repo: RepositoryRef): Promise<VcsResult<RepositoryStanding>>;
  /** Returns the merge commit; merging what is merged already succeeds. */
  merge(repo: RepositoryRef, number: number, request: MergeRequest): Promise<VcsResult<CommitSha>>;
  /**
   * Puts that head into the merge queue of its base branch; what is in it already succeeds. Absent where a VCS has no queues.
   */
  enqueue?(repo: RepositoryRef, number: number, head: CommitSha): Promise<VcsResult<void>>;
  /**
   * Deletes a branch of this very repository, as long as it is at that commit. Refused for the default branch, for one that
   * is protected and for one that another open pull request is made of or goes onto; what is gone already succeeds.
   */
  deleteBranch(
    repo: RepositoryRef,
    branch: { readonly name: string; readonly at: CommitSha },
  ): Promise<VcsResult<void>>;
}

/** What lets a server in. */
export interface Credential {
  /** For people, at the beginning of a sentence. */
  readonly name: string;
  /** How people get the next one. */
  readonly renew: string;
  readonly state: /** Taken, until `endsAt` as milliseconds since 1970; undefined where it has no end, or the VCS does not say. */
    | { readonly kind: "good"; readonly endsAt: number | undefined }
    | { readonly kind: "refused"; readonly message: string };
}

export interface WebhookTrouble {
  readonly message: string;
  readonly next: string;
}

/** One delivery as it came in: header names in lower case, body as raw bytes (the signature is over those). */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type Received =
  | { readonly kind: "event"; readonly event: VcsEvent }
  /** Authentic, but nothing we act on; stored with the reason. */
  | {
      readonly kind: "ignored";
      readonly deliveryId: string;
      readonly because: string;
      /** What it was about, where it says so. */
      readonly about?: IgnoredAbout;
    }
  /** What we are installed on may be other than it was; how it stands is read again. */
  | { readonly kind: "doubt"; readonly deliveryId: string; readonly doubt: Doubt }
  /** Not authentic or not readable: answered with `status`, not stored. */
  | { readonly kind: "rejected"; readonly status: 400 | 401 | 413; readonly because: string };

export interface IgnoredAbout {
  /** As in `RepositoryRef`. */
  readonly repository: string;
  readonly number: number | undefined;
}

/** A VCS that tells us by webhook. */
export interface WebhookReceiver {
  readonly kind: string;
  receive(delivery: Delivery): Promise<Received>;
}

/** A delivery that did not reach us, as far as the VCS knows. */
export interface MissedDelivery {
  readonly id: string;
  /** The same for every attempt at one event: what the delivery is known by here. */
  readonly guid: string;
  readonly deliveredAtMs: number;
  /** Somebody waits for what follows from it. */
  readonly urgent: boolean;
}

export interface Missed {
  /** Oldest first, without those from which nothing would follow. */
  readonly deliveries: readonly MissedDelivery[];
  /** Where the look ended before it was through; absent where it was. */
  readonly next?: string;
}

/** The deliveries of a VCS that keeps a list of them and repeats one when it is asked to. */
export interface DeliveryLog {
  readonly kind: string;
  /** Those since then of which no attempt succeeded, from the newest on or from where another look ended. */
  missed(range: { readonly sinceMs: number; readonly from?: string }): Promise<VcsResult<Missed>>;
  redeliver(id: string): Promise<VcsResult<void>>;
}
