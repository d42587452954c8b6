import type { Instant } from "../base/brand.ts";
import type { Affected } from "./change/affected.ts";
import type { Dirspace, DirspaceKey } from "./change/dirspace.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import type { CommitSha, PullRequestId, RepositoryId, RunId } from "./ids.ts";
import type { QueuedGroup } from "./merge/queued-group.ts";
import type { Unmerged } from "./merge/unmerged.ts";
import type { Notice } from "./notice.ts";
import type { GateApproval } from "./policy/gate.ts";
import type { ReviewersAsked } from "./policy/reviewers.ts";
import type { PullRequestView } from "./pull-request.ts";
import type { Run } from "./run/run.ts";
import type { Work } from "./run/work.ts";
import type { Showing } from "./showing.ts";
import type { Unserved } from "./standing.ts";

/** Everything stored that a decision about one pull request may look at; read in one transaction. */
export interface Snapshot {
  readonly pullRequest: {
    readonly id: PullRequestId;
    readonly repositoryId: RepositoryId;
    readonly repository: string;
    readonly number: number;
    /** As last observed; undefined before the first look. */
    readonly view: PullRequestView | undefined;
    readonly changeSet: ChangeSetRecord | undefined;
    readonly notice: Notice | undefined;
    /** An unlock that waits for an apply in flight to end (S4). */
    readonly unlockRequested: boolean;
    /** Unlocked since the last apply or merge: what was merged does not own anything. */
    readonly unlocked: boolean;
    /** Comments whose command was answered. */
    readonly answeredComments: readonly string[];
    /** Who let which gates pass; of older commits they no longer count. */
    readonly gateApprovals: readonly GateApproval[];
    /** Whom gates asked for a review; absent where nobody was asked yet. */
    readonly reviewersAsked?: ReviewersAsked;
    /** Why the VCS did not merge it by itself; absent where it was not refused. */
    readonly unmerged?: Unmerged;
    /** The last group of a merge queue that ended with it; absent where there was none. */
    readonly queued?: QueuedGroup;
    /** Nothing can be done in its repository; absent where all is well. */
    readonly unserved?: Unserved;
    /** Its place in the queue, while its apply waits for others. */
    readonly wait: Wait | undefined;
  };
  /** Active runs, and the latest ended ones, oldest first. */
  readonly runs: readonly Run[];
  readonly lastRunNumber: number;
  /** Every dirspace of the recorded change set, and every one this pull request holds or has applied; sorted by key. */
  readonly dirspaces: readonly DirspaceState[];
  /** Keys whose rows this transaction holds; a decision takes locks only on these. */
  readonly held: ReadonlySet<DirspaceKey>;
}

/** The change set as last decided for one head. */
export interface ChangeSetRecord {
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  /** How many dirspaces one job works on at once, as configured. */
  readonly parallel: number;
  readonly deletedDirs: readonly string[];
  /** Warnings about the configuration, shown in the comment. */
  readonly warnings: readonly Diagnostic[];
  /** The commit of the owner's central repository that it was last looked at with; absent where there is no such repository. */
  readonly central?: CommitSha;
  /** What is shown beside the comment and the two checks; absent where that is all. */
  readonly showing?: Showing;
}

export interface DirspaceState {
  readonly key: DirspaceKey;
  readonly dirspace: Dirspace;
  /** In the change set of the recorded head; otherwise touched by this pull request earlier. */
  readonly affected: Affected | undefined;
  /** Latest plan and latest apply by this pull request since its last unlock. */
  readonly plan: Work | undefined;
  readonly apply: Work | undefined;
  /** Some apply of it, not only the latest, had its grant since the last unlock: something may have been changed. */
  readonly granted: boolean;
  /** Pull requests that own the dirspace now, oldest first. */
  readonly locks: readonly LockRecord[];
  /** Pull requests whose apply waits for the dirspace, first come first. */
  readonly waits: readonly WaitRecord[];
  /** The apply that has the dirspace now, of any pull request. */
  readonly inFlight: { readonly runId: RunId; readonly number: number } | undefined;
  /** The fence of the last grant; 0 before the first. */
  readonly lastFence: number;
  /** The sequence number of the dirspace's last work, of any pull request. */
  readonly lastSeq: number;
  /** What its plans and applies took lately, of any pull request; for order and sizes only. */
  readonly usualMs?: { readonly plan?: number; readonly apply?: number };
}

/** A pull request's ownership of a dirspace between apply and merge, or merge and apply. */
export interface LockRecord {
  readonly pullRequest: number;
  readonly because: "applied" | "merged";
  readonly baseRef: string;
  readonly since: Instant;
  /**
   * Orders everybody who owns or waits, without clocks: whoever has the lower one goes first (S8). A pull request has
   * one for all of its dirspaces, so that no two can wait for each other.
   */
  readonly place: number;
  /** As the owner's configuration said; undefined on rows of older servers. */
  readonly branchTarget: "all" | "dest_branch" | undefined;
}

/** A pull request that waits for a dirspace. It holds nothing; it is in the way of whoever has a later place. */
export interface WaitRecord {
  readonly pullRequest: number;
  readonly baseRef: string;
  readonly place: number;
  readonly branchTarget: "all" | "dest_branch" | undefined;
  readonly turnSince: Instant | undefined;
}

/** What a pull request waits for: all of its dirspaces or none, so no two wait for each other. */
export interface Wait {
  readonly place: number;
  readonly dirspaces: readonly DirspaceKey[];
  readonly baseRef: string;
  /** Who asked, and what for, as typed. */
  readonly actor: string | undefined;
  readonly command: string;
  readonly since: Instant;
  /** Since when nobody is in its way; undefined before. */
  readonly turnSince: Instant | undefined;
}
