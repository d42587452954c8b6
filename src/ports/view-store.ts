import type { Instant } from "../base/brand.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { RepositoryIndex } from "../core/change/repository-index.ts";
import type { CommitSha, PullRequestId, RepositoryId, RunId } from "../core/ids.ts";
import type { Phase } from "../core/phase.ts";
import type { PullRequestView } from "../core/pull-request.ts";
import type { Reason } from "../core/reason.ts";
import type { UnitReport } from "../core/run/report.ts";
import type { Run } from "../core/run/run.ts";
import type { WorkState } from "../core/run/work.ts";
import type { JobWait } from "../core/schedule/wait.ts";
import type { StoredPullRequest, StoredRepository } from "./engine-store.ts";

export interface RepositoryRecord extends StoredRepository {
  readonly openPullRequests: number;
  /** Something of it was planned once. */
  readonly planned: boolean;
}

/** How far the set-up of a repository has come, as far as it left traces here. */
export interface SetupTraces {
  /** When a webhook last told something of it. */
  readonly heardAt: Instant | undefined;
  /** The first pull request that was seen. */
  readonly pullRequest: number | undefined;
  /** One of its CI jobs has come to us. */
  readonly claimed: boolean;
  /** The newest job that ended without that, where none ever did. */
  readonly failedJob:
    | {
        readonly run: RunId;
        readonly url: string | undefined;
        readonly message: string | undefined;
        /** The CI system took it; otherwise it could not even be started. */
        readonly started: boolean;
      }
    | undefined;
  /** A job was started and has neither come nor ended. */
  readonly startedJob: boolean;
  /** The pull requests of which something was planned, and applied, first. */
  readonly plan: number | undefined;
  readonly apply: number | undefined;
}

/** A pull request in a list. */
export interface PullRequestRecord {
  readonly pullRequest: StoredPullRequest;
  readonly view: PullRequestView;
  /** Of every dirspace in its change set, in no order. */
  readonly phases: readonly Phase[];
  readonly locks: number;
  readonly updatedAt: Instant;
}

/** Where a pull request stands in the store; `view` is absent before the first look at it. */
export interface PullRequestHead {
  readonly pullRequest: StoredPullRequest;
  readonly view: PullRequestView | undefined;
  readonly locks: number;
  readonly updatedAt: Instant;
  /** No event waits, no effect waits and no run is active: nothing more happens by itself. */
  readonly settled: boolean;
  /** The comment as published last. */
  readonly comment: string | undefined;
}

export interface RunRecord {
  readonly id: RunId;
  readonly number: number;
  readonly pullRequest: StoredPullRequest;
  readonly kind: Run["kind"];
  readonly state: Run["state"];
  readonly outcome: Run["outcome"];
  readonly headSha: string;
  readonly actor: string | undefined;
  readonly createdAt: Instant;
  readonly claimedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly units: number;
  readonly unitsEnded: number;
  readonly unitsFailed: number;
  readonly cancelRequested: boolean;
  /** Contact was lost while one of its dirspaces had its grant. */
  readonly isUnknown: boolean;
  readonly ciUrl: string | undefined;
  /** What the job as a whole died of. */
  readonly message: string | undefined;
}

export interface RunUnitRecord {
  readonly key: DirspaceKey;
  readonly dir: string;
  readonly workspace: string;
  readonly state: WorkState;
  readonly changed: boolean | undefined;
  readonly report: UnitReport | undefined;
  /** What the server itself says about it. */
  readonly because: string | undefined;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly durationMs: number | undefined;
  readonly outputChunks: number;
}

export interface OutputRecord {
  readonly chunks: readonly { readonly seq: number; readonly text: string }[];
  readonly nextSeq: number;
  /** Nothing follows the last of these chunks. */
  readonly ended: boolean;
}

export interface LockRow {
  readonly pullRequest: StoredPullRequest;
  readonly title: string;
  readonly dir: string;
  readonly workspace: string;
  /** The last two own nothing, and are first in the queue all the same. */
  readonly because: "applied" | "merged" | "turn" | "waits";
  readonly since: Instant;
  readonly applyInFlight: boolean;
  /** Contact to the apply that has the dirspace was lost. */
  readonly inDoubt: boolean;
  /** Numbers of the pull requests that wait for the dirspace, first come first. */
  readonly waiting: readonly number[];
}

export interface DecisionRecord {
  readonly id: string;
  readonly at: Instant;
  /** What kind of event was decided. */
  readonly event: string;
  readonly reasons: readonly Reason[];
}

export interface Change {
  readonly seq: number;
  readonly repositoryId: RepositoryId;
  readonly number: number;
}

/** What people look at. Reads only, each list bounded; nothing here decides. */
export interface ViewStore {
  repositories(): Promise<readonly RepositoryRecord[]>;
  repository(id: string): Promise<RepositoryRecord | undefined>;
  setupTraces(repository: RepositoryId): Promise<SetupTraces>;
  /** What the code of a commit refers to; undefined where no job has read it. */
  code(repository: RepositoryId, commit: CommitSha): Promise<RepositoryIndex | undefined>;
  /** Open ones first, then by the last change. */
  pullRequests(): Promise<readonly PullRequestRecord[]>;
  pullRequest(repository: string, number: number): Promise<PullRequestHead | undefined>;
  /** Newest first; of one pull request, or of all. */
  runs(pullRequest: PullRequestId | undefined): Promise<readonly RunRecord[]>;
  run(id: string): Promise<RunRecord | undefined>;
  /** What the queued runs of a pull request wait for. */
  waits(pullRequest: PullRequestId): Promise<ReadonlyMap<RunId, JobWait>>;
  units(id: RunId): Promise<readonly RunUnitRecord[]>;
  /** Chunks from number `from` on; undefined where the run has no such unit. */
  output(run: string, unit: string, from: number): Promise<OutputRecord | undefined>;
  locks(): Promise<readonly LockRow[]>;
  /** Newest first. */
  decisions(pullRequest: PullRequestId): Promise<readonly DecisionRecord[]>;
  /** Pull requests that changed after the given number, oldest change first. */
  changesAfter(seq: number): Promise<readonly Change[]>;
  /** The number of the newest change. */
  newestChange(): Promise<number>;
}
