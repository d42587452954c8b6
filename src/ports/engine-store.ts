import type { Instant } from "../base/brand.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { Decision, Effect } from "../core/decision.ts";
import type { Happening, PullRequestEvent, RunEnding } from "../core/event.ts";
import type { Answer, Facts } from "../core/fact.ts";
import type {
  AttemptId,
  EventId,
  InstallationId,
  PullRequestId,
  RepositoryId,
  RunId,
} from "../core/ids.ts";
import type { KnownPullRequest } from "../core/reconcile.ts";
import type { LeftIssue } from "../core/run/issue.ts";
import type { JobCaps } from "../core/schedule/caps.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Unserved } from "../core/standing.ts";
import type { StandingStore } from "./standing-store.ts";
import type { IgnoredAbout, RepositoryRef } from "./vcs.ts";

/** A repository as stored, with what is needed to talk to its VCS. */
export interface StoredRepository {
  readonly id: RepositoryId;
  readonly vcs: string;
  readonly ref: RepositoryRef;
  readonly defaultBranch: string;
  /** Absent where all is well. */
  readonly unserved?: Unserved;
}

export interface StoredPullRequest {
  readonly id: PullRequestId;
  readonly number: number;
  readonly repository: StoredRepository;
}

/** What a delivery means for the store, worked out before its transaction. */
export interface Intake {
  readonly vcs: string;
  readonly deliveryId: string;
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  readonly target: IntakeTarget;
  readonly happening: Happening;
}

export type IntakeTarget =
  | { readonly kind: "pull_request"; readonly number: number }
  /**
   * Every open pull request, as last seen, that wants into this branch; or any branch, where this one is the default
   * branch, which has a say in all of them. `tellOwner`: what this means for those of the owner's other repositories.
   */
  | { readonly kind: "based_on"; readonly branch: string; readonly tellOwner?: Happening };

/** One event's turn: everything read and written happens in one transaction that holds the pull request's row. */
export interface Turn {
  readonly pullRequest: StoredPullRequest;
  readonly event: PullRequestEvent;
  /** Counts what was seen of the pull request; what is looked up now is of no use once it has moved on (S24). */
  readonly observed: number;
  /** How long ago the stored view was read; undefined where there is none. */
  readonly viewAgeMs: number | undefined;
  /** How often deciding it was tried in vain. */
  readonly attempts: number;
  readonly facts: Facts;
  readonly snapshot: Snapshot;
  /** Takes the rows of these dirspaces in sorted order and reads the snapshot again. */
  hold(dirspaces: readonly DirspaceKey[]): Promise<Snapshot>;
  /** Stores the new state, the reasons and the effects, and takes the event off the queue. */
  save(snapshot: Snapshot, decision: Decision): Promise<void>;
}

/** Of which pull request something was asked, and how much of it had been seen by then. */
export interface AskedOf {
  readonly pullRequest: PullRequestId;
  readonly repository: RepositoryId;
  readonly observed: number;
}

export type TurnTaken<T> =
  | { readonly kind: "taken"; readonly value: T }
  | { readonly kind: "idle" };

/** An effect to perform; `wanted` goes back into `effectDone`. */
export interface PendingEffect {
  readonly key: string;
  readonly effect: Effect;
  readonly pullRequest: StoredPullRequest;
  readonly wanted: number;
  readonly attempts: number;
}

/** A repository whose turn it is to be compared with its VCS. */
export interface KnownRepository {
  readonly repository: StoredRepository;
  /** Since then we hear of it. */
  readonly sinceMs: number;
  readonly pullRequests: readonly KnownPullRequest[];
}

/** What the engine keeps between a webhook and its effects. */
export interface EngineStore extends StandingStore {
  /** S20: returns only when the delivery is committed, then rings the bell. `duplicate`: it was before (S22). */
  intake(intake: Intake): Promise<"stored" | "duplicate">;
  noteIgnored(
    vcs: string,
    deliveryId: string,
    because: string,
    about?: IgnoredAbout,
  ): Promise<void>;
  /**
   * S20: that a job is over, as the CI system says, is kept as a wish to ask it about that job. `no_target`: it is
   * no job of ours, or one that is over already; kept as ignored.
   */
  intakeCiEnded(vcs: string, deliveryId: string, ciRun: string): Promise<"stored" | "no_target">;
  /** Appends an event of our own making; the same id again is a no-op. Rings the bell after its commit. */
  append(pullRequest: PullRequestId, id: EventId, happening: Happening): Promise<void>;

  /** The oldest event of the pull request that waits and is due; `idle` where there is none. */
  takeTurn<T>(pullRequest: PullRequestId, use: (turn: Turn) => Promise<T>): Promise<TurnTaken<T>>;
  knownAnswers(
    repository: RepositoryId,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, Answer>>;
  /**
   * For the event's next turn. Where something newer of the pull request was stored since the question was put, only
   * what is known for ever is kept, and the rest is asked again: an older view never replaces a newer one (S24).
   */
  keepAnswers(
    event: EventId,
    asked: AskedOf,
    answers: readonly {
      readonly key: string;
      readonly answer: Answer;
      readonly immutable: boolean;
    }[],
  ): Promise<void>;
  /** What was looked up for the event is looked up again; what is known for ever stays known. */
  dropAnswers(event: EventId): Promise<void>;
  /**
   * The event could not be decided now. It is due again after the pause, and lets the others of its pull request pass
   * (L36); `pull_request`: they would fail for the same cause, so they wait as long.
   */
  postpone(
    event: EventId,
    error: string,
    pauseMs: number,
    whose: "event" | "pull_request",
  ): Promise<void>;
  /** The event cannot be decided (a bug): it is not tried again until somebody asks for it. */
  setAside(event: EventId, error: string): Promise<void>;

  effect(key: string): Promise<PendingEffect | undefined>;
  effectDone(key: string, wanted: number): Promise<void>;
  /** It is not done and will not be: what it would show or change is out of reach, and the reason is kept. */
  effectDropped(key: string, wanted: number, because: string): Promise<void>;
  effectFailed(key: string, wanted: number, error: string, final: boolean): Promise<void>;
  /** Its job comes up again after the pause, and not while one of these lanes is closed. */
  effectWaits(key: string, pauseMs: number, lanes: readonly string[]): Promise<void>;
  /** What is left of it may wait so long; a wish that comes before that brings it up at once. */
  effectRests(key: string, wanted: number, pauseMs: number): Promise<void>;
  tellNeighbours(
    from: StoredPullRequest,
    effect: Extract<Effect, { kind: "tell_neighbours" }>,
  ): Promise<void>;
  pullRequestByNumber(
    repository: RepositoryId,
    number: number,
  ): Promise<StoredPullRequest | undefined>;

  /** What the run's job left to be said in issues; nothing where it was forgotten meanwhile. */
  leftIssues(run: RunId): Promise<readonly LeftIssue[]>;

  publication(pullRequest: PullRequestId, key: string): Promise<StoredPublication | undefined>;
  keepPublication(pullRequest: PullRequestId, key: string, publication: Publication): Promise<void>;
  /** What of it is shown and does not stay so; in the order of the keys. */
  openPublications(pullRequest: PullRequestId): Promise<readonly OpenPublication[]>;

  /**
   * S9: gives CI jobs of the installation that wait their places, as far as the caps leave room, and has them dispatched;
   * one short transaction. `more`: something moved, so that the next call may start more.
   */
  admit(
    installation: InstallationId,
    caps: JobCaps,
  ): Promise<{ readonly started: readonly AttemptId[]; readonly more: boolean }>;

  attemptToStart(attempt: AttemptId): Promise<AttemptToStart | undefined>;
  /** Opens the door of existing runners to the job of this attempt; false where its installation keeps it closed. */
  openCompatible(attempt: AttemptId, workTokenHash: Uint8Array): Promise<boolean>;
  /** Lets a one-time code open the attempt for so long from now on. */
  issueCode(attempt: AttemptId, codeHash: Uint8Array, lifeMs: number): Promise<void>;
  attemptStarted(
    attempt: AttemptId,
    ciRun: string | undefined,
    url: string | undefined,
  ): Promise<void>;
  /**
   * Takes attempts whose job may still work but has given no sign for this long, for the watch over silent and dead
   * jobs. What was taken is left alone for a while, by every server, and the longer the longer it has been quiet.
   */
  takeQuietAttempts(quietMs: number): Promise<readonly OpenAttempt[]>;
  openAttempt(attempt: AttemptId): Promise<OpenAttempt | undefined>;
  attemptSilent(attempt: AttemptId): Promise<void>;
  /**
   * Marks the attempt as over and tells its run, both or neither (L34). False where it was over, or where somebody
   * claimed what was taken for never started: nobody can claim it afterwards (S3). Nor is one given up that has a
   * grant; afterwards it gets none.
   */
  endAttempt(attempt: AttemptId, id: EventId, how: RunEnding): Promise<boolean>;
  attemptOfCiRun(vcs: string, ciRun: string): Promise<OpenAttempt | undefined>;
  /** Takes repositories that no server has looked at for so long and that something happens in. */
  takeRepositories(everyMs: number, limit: number): Promise<readonly KnownRepository[]>;
  /** Turns in the queue that nobody used for this long while others wait; oldest first, a bounded number of them. */
  lapsedTurns(
    afterMs: number,
  ): Promise<readonly { readonly pullRequest: PullRequestId; readonly since: Instant }[]>;
  /** Rings for events that are due and that no living server decides; has overdue effects performed (L33, L39). */
  wakeOverdue(): Promise<void>;
  /**
   * Notices that the database was promoted or restored since the last look, by any server. Then nothing is granted for
   * at least that long, and until every apply job from before is known to have ended (S1 to S3 across a failover).
   */
  guardCluster(leastMs: number): Promise<ClusterGuard>;
}

/** What a look at the database cluster found. */
export type ClusterGuard =
  | { readonly kind: "same" }
  /** This look began a quarantine; so many applies in flight are in doubt. */
  | {
      readonly kind: "entered";
      readonly since: Instant;
      readonly because: string;
      readonly unknown: number;
    }
  | { readonly kind: "quarantined"; readonly since: Instant; readonly because: string }
  /** This look ended it. */
  | { readonly kind: "left" };

export interface Publication {
  /** Empty while nobody knows it: whether the first call got through was not heard. */
  readonly externalId: string;
  readonly contentHash: string;
  readonly content: string;
  /** Whoever publishes next has to look after it: a check that has not ended. */
  readonly open: boolean;
}

export type OpenPublication = StoredPublication & { readonly key: string };

export interface StoredPublication extends Publication {
  /** When it was last written. */
  readonly at: Instant;
}

export interface AttemptToStart {
  readonly attempt: AttemptId;
  /** Somebody has tried to start it before, and may have without knowing. */
  readonly again: boolean;
  readonly runId: RunId;
  readonly runNumber: number;
  readonly kind: "plan" | "apply";
  readonly autoApprove: boolean;
  readonly over: boolean;
  readonly started: boolean;
  readonly pullRequest: StoredPullRequest;
  readonly environment: string | undefined;
  readonly runsOn: string | undefined;
  /** What a job checks out that takes its code from the branch it was started on. */
  readonly branch: JobBranch;
}

export interface JobBranch {
  /** The head's, or the base's once that alone is checked out. */
  readonly name: string;
  /** It is another repository's, and a branch of this name here is another one. */
  readonly fromFork: boolean;
}

export interface OpenAttempt {
  readonly attempt: AttemptId;
  readonly runId: RunId;
  readonly ciRun: string | undefined;
  readonly pullRequest: StoredPullRequest;
  readonly createdAt: Instant;
  readonly dispatchedAt: Instant | undefined;
  readonly claimedAt: Instant | undefined;
  readonly lastSeenAt: Instant | undefined;
  readonly cancelRequested: boolean;
  /** The database's clock when this was read; deadlines compare with it only (L41). */
  readonly now: Instant;
  readonly silent: boolean;
  readonly runOver: boolean;
  /** Its runner gives no sign of life between two requests, so its silence says nothing. */
  readonly compatible: boolean;
}
