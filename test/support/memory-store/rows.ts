import type { Instant } from "../../../src/base/brand.ts";
import type { Affected } from "../../../src/core/change/affected.ts";
import type { Dirspace, DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { Effect, NewRun, NewUnit, Write } from "../../../src/core/decision.ts";
import type { Happening } from "../../../src/core/event.ts";
import type { Answer } from "../../../src/core/fact.ts";
import type {
  Account,
  AttemptId,
  CommitSha,
  EventId,
  InstallationId,
  PullRequestId,
  RepositoryId,
  RunId,
} from "../../../src/core/ids.ts";
import type { Reason } from "../../../src/core/reason.ts";
import type { LeftIssue } from "../../../src/core/run/issue.ts";
import type { BuilderOrder, Preparation, WaitingCommand } from "../../../src/core/run/preparing.ts";
import type { HookReports, RaisedGate, UnitReport } from "../../../src/core/run/report.ts";
import type { Run } from "../../../src/core/run/run.ts";
import type { StaleBecause, WorkState } from "../../../src/core/run/work.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { InstallationState, RepositoryState } from "../../../src/core/standing.ts";
import type { StoredRepository } from "../../../src/ports/engine-store.ts";
import type { Manifest } from "../../../src/ports/runner-store.ts";

/** The rows of `migrations/`, field by field; what is null there is undefined here. */

export interface RepositoryRow {
  readonly id: RepositoryId;
  readonly stored: StoredRepository;
  readonly createdAt: Instant;
  /** When the VCS was last asked what is open. */
  readonly lookedAt: Instant | undefined;
  readonly state: RepositoryState;
  readonly stateSince: Instant | undefined;
  readonly doubtedAt: Instant | undefined;
  readonly stoodAt: Instant | undefined;
}

export interface InstallationRow {
  readonly id: InstallationId;
  readonly vcs: string;
  readonly externalId: string;
  readonly createdAt: Instant;
  readonly state: InstallationState;
  readonly stateSince: Instant | undefined;
  readonly doubtedAt: Instant | undefined;
  readonly stoodAt: Instant | undefined;
}

export interface PullRequestRow {
  readonly id: PullRequestId;
  readonly repositoryId: RepositoryId;
  readonly number: number;
  readonly view: Snapshot["pullRequest"]["view"];
  readonly observedSeq: number;
  readonly observedAt: Instant | undefined;
  readonly changeSet: Snapshot["pullRequest"]["changeSet"];
  readonly notice: Snapshot["pullRequest"]["notice"];
  readonly unlockRequested: boolean;
  readonly unlocked: boolean;
  readonly obeyedComments: readonly string[];
  readonly gateApprovals: Snapshot["pullRequest"]["gateApprovals"];
  readonly queued?: Snapshot["pullRequest"]["queued"];
  readonly unmerged?: Snapshot["pullRequest"]["unmerged"] | undefined;
  readonly reviewersAsked?: Snapshot["pullRequest"]["reviewersAsked"];
  readonly lastRunNumber: number;
  readonly changeSeq: number;
  readonly updatedAt: Instant;
}

export interface DirspaceRow {
  readonly id: number;
  readonly repositoryId: RepositoryId;
  readonly key: DirspaceKey;
  readonly dirspace: Dirspace;
  readonly lastFence: number;
  readonly lastSeq: number;
}

/** Of `pull_request_dirspace`. */
export interface MemberRow {
  readonly pullRequestId: PullRequestId;
  readonly dirspaceId: number;
  readonly affected: Affected | undefined;
}

export interface EventRow {
  readonly seq: number;
  readonly receivedAt: Instant;
  readonly id: EventId;
  readonly pullRequestId: PullRequestId;
  readonly happening: Happening;
  readonly state: "pending" | "decided" | "dead";
  readonly attempts: number;
  /** It could not be decided and is due again then. */
  readonly notBefore: Instant | undefined;
  readonly error: string | undefined;
}

/** An answer that was looked up for one event; an immutable one is kept by key only. */
export interface EventFactRow {
  readonly eventId: EventId;
  readonly key: string;
  readonly answer: Answer | undefined;
}

export interface DecisionRow {
  readonly eventId: EventId;
  readonly pullRequestId: PullRequestId;
  readonly at: Instant;
  readonly happening: Happening;
  readonly snapshot: Snapshot;
  readonly facts: ReadonlyMap<string, Answer>;
  /** Which of the facts are kept for the repository and not with the decision. */
  readonly commitFacts: readonly string[];
  readonly writes: readonly Write[];
  readonly effects: readonly Effect[];
  readonly reasons: readonly Reason[];
}

export interface RunRow {
  readonly id: RunId;
  readonly pullRequestId: PullRequestId;
  readonly number: number;
  readonly kind: Run["kind"];
  readonly state: Run["state"];
  readonly outcome: Run["outcome"];
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  readonly checkout: NewRun["checkout"];
  readonly actor: Account | undefined;
  readonly forced: boolean;
  readonly autoApprove: boolean;
  readonly parallel: number;
  readonly prepares: readonly Preparation[];
  readonly prepared: readonly Preparation[];
  readonly build: BuilderOrder | undefined;
  readonly command: WaitingCommand | undefined;
  readonly message: string | undefined;
  readonly expected: NewRun["expected"];
  readonly settings: NewRun["settings"];
  readonly eventId: EventId;
  readonly createdAt: Instant;
  readonly endedAt: Instant | undefined;
}

export interface AttemptRow {
  readonly id: AttemptId;
  readonly runId: RunId;
  readonly ciRun: string | undefined;
  readonly ciUrl: string | undefined;
  readonly createdAt: Instant;
  readonly triedAt: Instant | undefined;
  readonly dispatchedAt: Instant | undefined;
  readonly claimedAt: Instant | undefined;
  readonly claimedCiRun: string | undefined;
  /** In hexadecimal digits. */
  readonly credentialHash: string | undefined;
  readonly lastSeenAt: Instant | undefined;
  readonly silentAt: Instant | undefined;
  readonly askedAt: Instant | undefined;
  readonly cancelRequestedAt: Instant | undefined;
  readonly finishedAt: Instant | undefined;
  readonly failure: unknown;
  readonly hooks?: HookReports | undefined;
  readonly gates?: readonly RaisedGate[] | undefined;
  readonly issues?: readonly LeftIssue[] | undefined;
  readonly endedAt: Instant | undefined;
  /** In hexadecimal digits. */
  readonly workTokenHash: string | undefined;
  /** In hexadecimal digits. */
  readonly codeHash: string | undefined;
  readonly codeExpiresAt: Instant | undefined;
  readonly manifest: Manifest | undefined;
}

export interface WorkRow {
  readonly runId: RunId;
  readonly dirspaceId: number;
  readonly pullRequestId: PullRequestId;
  readonly op: Run["kind"];
  readonly state: WorkState;
  readonly seq: number;
  readonly unit: NewUnit;
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  readonly confirmedBaseSha: CommitSha;
  readonly fenceSeen: number;
  readonly fence: number | undefined;
  readonly planRunId: RunId | undefined;
  readonly planDigest: string | undefined;
  readonly changed: boolean | undefined;
  readonly result: UnitReport | undefined;
  readonly stale: StaleBecause | undefined;
  readonly because: string | undefined;
  readonly forgotten: boolean;
  readonly outputSeq: number;
  readonly outputChars: number;
  readonly durationMs: number | undefined;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
}

/** A CI job's place in the queue. */
export interface CiJobRow {
  readonly attemptId: AttemptId;
  readonly runId: RunId;
  readonly pullRequestId: PullRequestId;
  readonly repositoryId: RepositoryId;
  readonly installation: InstallationId;
  readonly environment: string;
  readonly kind: Run["kind"];
  readonly expectedMs: number;
  readonly remainingMs: number;
  readonly seq: number;
  readonly state: "new" | "waiting" | "blocked" | "admitted" | "ended";
  readonly blockedOn: number | undefined;
  readonly blockedAt: Instant | undefined;
  readonly admittedAt: Instant | undefined;
  readonly createdAt: Instant;
}

/** Either that an attempt is over, or that an apply of a dirspace is. */
export interface CiNewsRow {
  readonly id: number;
  readonly installation: InstallationId;
  readonly attemptId: AttemptId | undefined;
  readonly dirspaceId: number | undefined;
  readonly createdAt: Instant;
}

export interface CiShareRow {
  readonly served: number;
  readonly starts: number;
  readonly open: boolean;
}

/** Of `apply_grant`. */
export interface GrantRow {
  readonly dirspaceId: number;
  readonly fence: number;
  readonly runId: RunId;
  readonly attemptId: AttemptId;
  readonly planRunId: RunId | undefined;
  readonly planDigest: string | undefined;
  readonly headSha: CommitSha;
  readonly evidence: unknown;
  readonly grantedAt: Instant;
}

export interface LockRow {
  readonly dirspaceId: number;
  readonly pullRequestId: PullRequestId;
  readonly because: "applied" | "merged";
  readonly baseRef: string;
  readonly since: Instant;
  readonly place: number;
  readonly branchTarget: "all" | "dest_branch" | undefined;
}

export interface WaitRow {
  readonly pullRequestId: PullRequestId;
  readonly place: number;
  readonly baseRef: string;
  readonly actor: string | undefined;
  readonly command: string;
  readonly since: Instant;
  readonly turnSince: Instant | undefined;
}

export interface WaitDirspaceRow {
  readonly dirspaceId: number;
  readonly pullRequestId: PullRequestId;
  readonly key: DirspaceKey;
  readonly branchTarget: "all" | "dest_branch" | undefined;
}

export interface OutboxRow {
  readonly key: string;
  readonly pullRequestId: PullRequestId;
  readonly effect: Effect;
  readonly priority: number;
  readonly seq: number;
  readonly wanted: number;
  readonly done: number;
  readonly attempts: number;
  readonly notBefore: Instant;
  /** Put off for want of news. */
  readonly rests: boolean;
  readonly error: string | undefined;
  readonly dead: boolean;
  readonly createdAt: Instant;
  readonly performedAt: Instant | undefined;
}

export interface PublicationRow {
  readonly pullRequestId: PullRequestId;
  readonly key: string;
  readonly externalId: string;
  readonly contentHash: string;
  readonly content: string;
  readonly open: boolean;
  readonly at: Instant;
}

/** A job of the alarm clock. */
export interface JobRow {
  readonly id: number;
  /** Undefined once somebody wanted the same again while it was being done. */
  readonly key: string | undefined;
  readonly what:
    | { readonly task: "advance"; readonly pullRequest: PullRequestId }
    | { readonly task: "perform"; readonly key: string }
    | { readonly task: "admit"; readonly installation: InstallationId };
  readonly runAt: Instant;
  /** The smaller number first. */
  readonly priority: number;
  /** Jobs of one queue run one after the other. */
  readonly queue: string | undefined;
  readonly attempts: number;
  readonly attemptsMax: number;
  /** Held since then by whoever does it. */
  readonly lockedAt: Instant | undefined;
}

export interface LateResultRow
  extends Pick<WorkRow, "runId" | "dirspaceId" | "pullRequestId" | "op"> {
  readonly why: "ended" | "other_fence" | "no_move";
  readonly receivedAt: Instant;
  /** What the work's state was, and stays. */
  readonly state: WorkState;
  readonly report: UnitReport;
}

export interface DeliveryRow {
  readonly source: string;
  readonly deliveryId: string;
}

export interface IgnoredDeliveryRow extends DeliveryRow {
  readonly because: string;
}

export interface CommitFactRow {
  readonly repositoryId: RepositoryId;
  readonly key: string;
  readonly answer: Answer;
}

export interface PlanFileRow {
  readonly runId: RunId;
  readonly digest: string;
  readonly sealed: Uint8Array;
}

export interface OutputRow {
  readonly runId: RunId;
  readonly dirspaceId: number;
  readonly seq: number;
  readonly text: string;
}
