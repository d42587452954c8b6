import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { NewUnit } from "../core/decision.ts";
import type { Answer } from "../core/fact.ts";
import type { AttemptId, CommitSha, RunId } from "../core/ids.ts";
import type { PullRequestView } from "../core/pull-request.ts";
import type { LeftIssue } from "../core/run/issue.ts";
import type { BuilderOrder, Preparation, Stage } from "../core/run/preparing.ts";
import type { HookReports, RaisedGate, UnitReport } from "../core/run/report.ts";
import type { RunOutcome } from "../core/run/run.ts";
import type { RunSettings } from "../core/run/settings.ts";
import type { WorkState } from "../core/run/work.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { StoredPullRequest } from "./engine-store.ts";

/** A run as its job sees it. */
export interface ClaimedRun {
  readonly runId: RunId;
  readonly attempt: AttemptId;
  readonly kind: "plan" | "apply";
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  readonly checkout: "merged" | "base";
  readonly parallel: number;
  /** No reviewed plan binds what it applies. */
  readonly autoApprove: boolean;
  /** All that the job finds out before there are units; empty for runs that know theirs from the start. */
  readonly prepares: readonly Preparation[];
  /** Undefined in runs of older servers, and while it is not known what to work on. */
  readonly settings: RunSettings | undefined;
  readonly pullRequest: StoredPullRequest;
  readonly headRef: string;
  readonly baseRef: string;
  readonly units: readonly NewUnit[];
  /** What its job finds out now; absent where nothing is left of that. */
  readonly next?: NextPreparation;
}

export interface NextPreparation {
  readonly what: Preparation;
  /** Absent where it takes no script. */
  readonly order: BuilderOrder | undefined;
}

export type Claim =
  | { readonly kind: "claimed"; readonly run: ClaimedRun }
  | { readonly kind: "unknown_attempt" }
  | { readonly kind: "token_used" }
  | { readonly kind: "already_claimed" }
  /** The CI system said which run it started for this attempt, and it is not this one. */
  | { readonly kind: "other_ci_run"; readonly ciRun: string }
  | { readonly kind: "over" };

/** Who a credential belongs to. Read with every request of a job, so it carries no units: there can be thousands. */
export interface Session {
  readonly attempt: AttemptId;
  readonly run: Omit<ClaimedRun, "units" | "next">;
  readonly over: boolean;
  /** Its job has ended, and whatever it had still to send has had its time. */
  readonly spent: boolean;
  readonly cancelRequested: boolean;
  /** The CI run that had the attempt when this was read; another one may have claimed it since (S26). */
  readonly claimedBy: string | undefined;
}

/** What a job of an existing runner gets to do at once. */
export type Manifest = Stage | "work";

/** An attempt whose job comes through the door of existing runners, as far as that decides who gets the work. */
export interface CompatibleAttempt {
  readonly session: Session;
  /** The installation lets such runners in. */
  readonly allowed: boolean;
  /** Its job was taken for dead, or has ended. */
  readonly closed: boolean;
  /** What the CI system said it started, where it did. */
  readonly ciRun: string | undefined;
  readonly claimedCiRun: string | undefined;
  /** Its credential was shown since it was given. */
  readonly inUse: boolean;
  readonly manifest: Manifest | undefined;
}

/** What a job that has read the code goes on with. */
export type NextWork =
  | { readonly kind: "wait" }
  /** There is one thing more to find out: `next` of the run. */
  | { readonly kind: "preparing"; readonly run: ClaimedRun }
  | { readonly kind: "filled"; readonly run: ClaimedRun }
  /** There is nothing to do for this job. */
  | { readonly kind: "over"; readonly outcome: RunOutcome };

export type Granted =
  | { readonly kind: "granted"; readonly fence: number }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface WorkRow {
  readonly dirspace: DirspaceKey;
  readonly state: WorkState;
  readonly planRunId: RunId | undefined;
  readonly planDigest: string | undefined;
  /** Whether its plan has changes, as far as that is known. */
  readonly changed: boolean | undefined;
  readonly fence: number | undefined;
}

/** What a job says when it has done its part. */
export interface LastWords {
  readonly failure: { readonly message: string } | undefined;
  /** What its hooks did. */
  readonly hooks?: HookReports | undefined;
  /** What the hooks after the dirspaces ask for; absent where that is not known. */
  readonly gates?: readonly RaisedGate[] | undefined;
  /** What it wants to be said in issues. */
  readonly issues?: readonly LeftIssue[] | undefined;
}

/** A one-time code that was given out. */
export interface CodeFound {
  readonly attempt: AttemptId;
  /** What the CI system said it started for it, once that is known. */
  readonly ciRun: string | undefined;
  readonly expired: boolean;
  readonly expiresAtMs: number;
  readonly used: boolean;
}

/** Under which name the use of a code is noted, beside those of identity tokens. */
export function codeTokenId(codeHash: Uint8Array): string {
  const digits = [...codeHash].map((byte) => byte.toString(16).padStart(2, "0"));
  return `code:${digits.join("")}`;
}

/** What the runner's door reads and writes; each method is one transaction. */
export interface RunnerStore {
  claim(
    attempt: AttemptId,
    identity: {
      readonly ciRun: string;
      readonly tokenId: string;
      readonly expiresAtMs: number;
      /** Not even the job itself may show it a second time, as it may where the answer was lost. */
      readonly strictlyOnce?: boolean;
    },
    credentialHash: Uint8Array,
  ): Promise<Claim>;
  /** The one-time code with this hash. */
  code(codeHash: Uint8Array): Promise<CodeFound | undefined>;
  /** The attempt alone, to know whose identity must be checked. */
  attemptOwner(attempt: AttemptId): Promise<StoredPullRequest | undefined>;
  session(credentialHash: Uint8Array): Promise<Session | undefined>;
  /** Notes the sign of life and which units are being worked on. */
  heartbeat(attempt: AttemptId, running: readonly DirspaceKey[]): Promise<void>;
  /** Returns the next sequence number; a chunk that is not the next one is not stored. */
  appendOutput(
    run: RunId,
    unit: DirspaceKey,
    seq: number,
    text: string,
  ): Promise<number | undefined>;
  /** False where its run has stored too many others. */
  putPlan(run: RunId, digest: string, sealed: Uint8Array): Promise<boolean>;
  /** The plan file that this run may apply under this digest, to that unit or to any of its units. */
  plan(run: RunId, unit: DirspaceKey | undefined, digest: string): Promise<Uint8Array | undefined>;
  work(run: RunId, unit: DirspaceKey): Promise<WorkRow | undefined>;
  /**
   * Records a unit's report if the state machine allows it; a repeated report is `repeated` (S28). How long it took is
   * undefined where nobody measured.
   */
  report(
    run: RunId,
    unit: DirspaceKey,
    report: UnitReport,
    durationMs: number | undefined,
  ): Promise<"recorded" | "repeated" | "conflict" | "unknown_unit" | "bad_fence">;
  /**
   * Keeps what the run's job found out as a fact of its head commit and tells the pull request, both or neither. What
   * is known of the commit already stays. `conflict`: this run said something else before.
   */
  keepPrepared(
    session: Session,
    what: Preparation,
    answer: Answer,
  ): Promise<"recorded" | "repeated" | "conflict" | "not_asked" | "over">;
  nextWork(run: RunId): Promise<NextWork>;
  /** The attempt that this token was made for. */
  compatibleAttempt(workTokenHash: Uint8Array): Promise<CompatibleAttempt | undefined>;
  /** Notes what the job was handed; with a credential, that one takes the place of the one before. */
  handOut(attempt: AttemptId, manifest: Manifest, credentialHash?: Uint8Array): Promise<void>;
  /** Which plan of a unit was stored while its job still works. The first one stays. */
  notePlan(
    run: RunId,
    unit: DirspaceKey,
    plan: { readonly digest: string; readonly changed: boolean },
  ): Promise<"noted" | "repeated" | "conflict">;
  /** What a decision about this one unit of the run looks at, and nothing of the others. */
  unitSnapshot(session: Session, unit: DirspaceKey): Promise<Snapshot>;
  /** S1, S2, S5: takes the dirspace, raises its fence and writes the grant, or says why not. */
  grant(
    session: Session,
    unit: DirspaceKey,
    digest: string | undefined,
    live: { readonly view: PullRequestView; readonly evidence: unknown },
  ): Promise<Granted>;
  /** False when another CI run has the attempt by now: then these words are not about it. */
  finish(session: Pick<Session, "attempt" | "claimedBy">, said: LastWords): Promise<boolean>;
}
