import type { AttemptId, CommitSha } from "../core/ids.ts";
import type { RepositoryRef, VcsFailure, VcsResult } from "./vcs.ts";

/**
 * A CI job to start. It carries no secret, for the job proves by its CI identity who it is (no shared secret, P6); only
 * where somebody switched on one-time codes it carries one.
 */
export interface CiJob {
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  readonly attempt: AttemptId;
  /** Where the runner finds us. */
  readonly serverUrl: string;
  /** For people: shown as the name of the CI run where the CI system has such a thing. */
  readonly title: string;
  readonly environment: string | undefined;
  /** JSON text of the `runs_on` value of the workflow. */
  readonly runsOn: string | undefined;
  /**
   * Opens the attempt once, for CI systems without identity tokens; only given to those that bring it to the job where
   * neither inputs nor logs show it.
   */
  readonly code?: string;
  /** Set to start it with the workflow file of an existing runner. */
  readonly existing?: ExistingRunner;
  /** Nobody has tried to start it before, so no job of it can be there already. */
  readonly first?: true;
}

/** What a job of an existing runner gets: its workflow file checks out the branch that it is started on. */
export interface ExistingRunner {
  /** As `CiStart` named it. */
  readonly workflow: string;
  readonly branch: string;
  /** Opens the attempt to the first CI run that shows it, and to no other. */
  readonly workToken: string;
  readonly apiBaseUrl: string;
}

export type CiStart =
  | {
      readonly kind: "started";
      readonly ciRun: string | undefined;
      readonly url: string | undefined;
    }
  /** Nothing was started: the repository has only the workflow file of an existing runner. */
  | { readonly kind: "existing_runner"; readonly workflow: string; readonly path: string }
  | VcsFailure;

export type CiStatus =
  | { readonly kind: "pending" }
  | { readonly kind: "running" }
  /** Positively over: nothing of the job still runs. The only proof besides the runner's own word (S3). */
  | { readonly kind: "ended"; readonly conclusion: CiConclusion }
  /** The CI system does not know the job, or how it stands. Proves nothing. */
  | { readonly kind: "unknown"; readonly message: string }
  /** The CI system could not be asked, so that the job may be as well as it was. */
  | { readonly kind: "unavailable"; readonly message: string };

export type CiConclusion =
  | "success"
  | "failure"
  | "cancelled"
  | "timed_out"
  /** Neither success nor failure. */
  | "neutral"
  /** By a condition of its own. */
  | "skipped"
  /** It waited for so long that the CI system gave it up. */
  | "stale"
  /** Somebody has to let it run; until then nothing of it does. */
  | "action_required"
  /** The CI system could not make a job of it. */
  | "startup_failure"
  | "never_started"
  | "other";

/** Who a CI job is, as its identity token proves. */
export interface CiIdentity {
  readonly issuer: string;
  /** The VCS's id of the repository that the job belongs to. */
  readonly repositoryId: string;
  readonly ciRun: string;
  readonly ciRunAttempt: number;
  /** Commit of the workflow code, not of the pull request. */
  readonly workflowSha: CommitSha | undefined;
  /** Unique id of the token, refused the second time (T6). */
  readonly tokenId: string;
  readonly expiresAtMs: number;
}

/** What a token must belong to, as we know it ourselves. */
export interface ExpectedJob {
  readonly repository: RepositoryRef;
  /** Only code of this branch may claim: any other is not reviewed (T4). */
  readonly defaultBranch: string;
}

export type Identified =
  | { readonly kind: "ok"; readonly identity: CiIdentity }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "unavailable"; readonly message: string };

export interface Ci {
  readonly kind: string;
  /** Files of the repository that say how our jobs run: whoever may change one may have it run anything. */
  readonly files: readonly string[];
  /** It can bring a one-time code to the job of an attempt, and to nobody else. */
  readonly deliversCodes?: boolean;
  /** Starts the job; the same attempt again starts nothing new where the CI system allows us to know. */
  start(job: CiJob): Promise<CiStart>;
  /** Asks the job to stop gracefully; success says only that the wish was delivered. */
  cancel(
    repository: RepositoryRef,
    attempt: AttemptId,
    ciRun: string | undefined,
  ): Promise<void | VcsFailure>;
  status(
    repository: RepositoryRef,
    attempt: AttemptId,
    ciRun: string | undefined,
  ): Promise<CiStatus>;
  /**
   * The CI run that a job is of, where existing runners say which job they are and not which run; `not_found` where
   * the repository has no such job.
   */
  runOfJob?(repository: RepositoryRef, job: string): Promise<VcsResult<string>>;
  /** Verifies a CI identity token: signature, issuer, time, audience, and that it is a job of ours. */
  identify(token: string, audience: string, expected: ExpectedJob): Promise<Identified>;
}
