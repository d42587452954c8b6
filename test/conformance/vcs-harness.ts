import type { Account, AccountId, CommitSha } from "../../src/core/ids.ts";
import type { Permission } from "../../src/core/pull-request.ts";
import type { VcsEvent } from "../../src/core/vcs-event.ts";
import type { RepositoryRef, Vcs } from "../../src/ports/vcs.ts";

/**
 * What the suite needs to act as the people on the other side of a VCS. Each method does what a
 * person does there (push, open, review), with the VCS's own rules; nothing reaches into the adapter.
 */
export interface VcsHarness {
  readonly vcs: Vcs;
  /** A repository of its own, with one commit on its default branch. */
  createRepository(files: FileContents, called?: FullName): Promise<VcsRepository>;
  /** Every event of the repository that the adapter gave, in order, once all that happened has arrived. */
  events(repository: RepositoryRef): Promise<readonly VcsEvent[]>;
  /** Lets the VCS deliver all of them once more; gives what the adapter made of this second delivery. */
  redeliver(repository: RepositoryRef): Promise<readonly VcsEvent[]>;
  close(): Promise<void>;
}

/** Without it the harness chooses a name of its own. */
export interface FullName {
  readonly owner: string;
  readonly name: string;
}

/** Path → content; `null` deletes the file. */
export type FileContents = Readonly<Record<string, string | null>>;

export interface VcsRepository {
  readonly ref: RepositoryRef;
  readonly defaultBranch: string;

  /** A person with this permission here; the same login gives the same person. */
  person(login: string, permission: Permission): Promise<Account>;

  /**
   * Commits on top of `branch` and pushes. A branch that does not exist starts at `from`, or at the
   * default branch. With `amend` the commit replaces the last one, and the push is forced.
   */
  push(
    branch: string,
    files: FileContents,
    options?: { readonly from?: string; readonly amend?: boolean },
  ): Promise<CommitSha>;
  /** Commits on top of `branch` that the submodule at `path` is at `commit` of its own repository, and pushes. */
  pushSubmodule(branch: string, path: string, commit: CommitSha): Promise<CommitSha>;
  deleteBranch(branch: string): Promise<void>;
  /** Where the branch points now; `undefined` when there is none. */
  head(branch: string): Promise<CommitSha | undefined>;
  /** Content of the branch's files, as a clone shows them. */
  read(branch: string, path: string): Promise<string | undefined>;

  open(draft: OpenDraft): Promise<number>;
  /** Only where the VCS has forks: the head lives in a repository of `by`. */
  readonly openFromFork?: (draft: {
    readonly by: AccountId;
    readonly files: FileContents;
    readonly title: string;
  }) => Promise<number>;
  close(number: number, by: AccountId): Promise<void>;
  reopen(number: number, by: AccountId): Promise<void>;
  setDraft(number: number, draft: boolean, by: AccountId): Promise<void>;
  setTitle(number: number, title: string, by: AccountId): Promise<void>;
  /** A merge by a person, with the VCS's own button. */
  merge(number: number, by: AccountId): Promise<void>;
  /** Gives the comment's id. */
  comment(number: number, body: string, by: AccountId): Promise<string>;
  /** A review of the head as it is now. */
  review(number: number, verdict: "approved" | "changes_requested", by: AccountId): Promise<void>;
  /** Dismisses the latest opinion of `reviewer`. */
  dismissReview(number: number, reviewer: AccountId, by: AccountId): Promise<void>;

  /** Only where people can be asked for a review. */
  readonly requestReview?: (number: number, reviewer: AccountId) => Promise<void>;
  /** Puts the person into a team of the owner, or takes them out; the team is made where there is none. */
  putInTeam(team: string, person: AccountId, member: boolean): Promise<void>;
  /** Only where somebody else than Terrane puts checks on commits. */
  readonly foreignCheck?: (
    commit: CommitSha,
    check: { readonly name: string; readonly state: "passed" | "pending" | "failed" },
  ) => Promise<void>;

  /** What people see. */
  comments(number: number): Promise<readonly SeenComment[]>;
  checks(commit: CommitSha): Promise<readonly SeenCheck[]>;
  /** Oldest first. */
  issues(): Promise<readonly SeenIssue[]>;
  closeIssue(number: number, by: AccountId): Promise<void>;
}

export interface OpenDraft {
  readonly head: string;
  /** The default branch unless said otherwise. */
  readonly base?: string;
  readonly title: string;
  readonly body?: string;
  readonly draft?: boolean;
  readonly by: AccountId;
}

export interface SeenComment {
  readonly id: string;
  readonly body: string;
  readonly acknowledged: boolean;
  /** People see one line of it. */
  readonly outdated?: true;
}

export interface SeenIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly open: boolean;
}

export interface SeenCheck {
  readonly id: string;
  readonly name: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | undefined;
  readonly title: string;
}
