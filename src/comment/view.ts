import type { Instant } from "../base/brand.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { Diagnostic } from "../core/config/diagnostic.ts";
import type { Notice } from "../core/notice.ts";
import type { Phase } from "../core/phase.ts";
import type { PullRequestView } from "../core/pull-request.ts";
import type {
  Failure,
  HookReports,
  OutputValue,
  RaisedGate,
  ResourceChange,
  StepReport,
} from "../core/run/report.ts";
import type { Run } from "../core/run/run.ts";
import type { RunStanding } from "../core/run/standing.ts";
import type { ChangeCounts, StaleBecause } from "../core/run/work.ts";
import type { JobWait } from "../core/schedule/wait.ts";
import type { Showing } from "../core/showing.ts";
import type { LockRecord } from "../core/snapshot.ts";

/** Everything the comment and the checks of one pull request say. Lists come in any order. */
export interface CommentView {
  readonly number: number;
  readonly state: PullRequestView["state"];
  readonly draft: boolean;
  readonly headSha: string;
  readonly baseRef: string;
  readonly dirspaces: readonly DirspaceReport[];
  /** Directories that the change deletes although something was managed in them. */
  readonly deletedDirs: readonly string[];
  /** What is wrong with the configuration; one error stops everything. */
  readonly diagnostics: readonly Diagnostic[];
  readonly notice: Notice | undefined;
  /** Approvals that the current plans asked for; absent where there are none. */
  readonly gates?: readonly GateReport[];
  /** What the hooks of the latest runs for this head did, the latest first. */
  readonly hooks?: readonly (HookReports & { readonly number: number })[] | undefined;
  /** Others own, wait for or apply what it touches, so an apply would have to wait. */
  readonly othersFirst: boolean;
  /** Runs that have not ended. */
  readonly runs: readonly ActiveRun[];
  /** The page of this pull request. */
  readonly dashboardUrl: string | undefined;
  /** What is shown beside the comment and the two checks; absent where that is all. */
  readonly showing?: Showing | undefined;
  /** When the state shown was read. */
  readonly generatedAt: Instant;
}

export interface GateReport {
  readonly gate: RaisedGate;
  readonly dirspaces: readonly DirspaceKey[];
  /** Who approved so far; whether they are the right people is judged with the apply. */
  readonly passedBy: readonly string[];
}

export interface DirspaceReport {
  readonly key: DirspaceKey;
  readonly dir: string;
  readonly workspace: string;
  readonly phase: Phase;
  /** Of the latest plan. */
  readonly counts: ChangeCounts | undefined;
  /** Its latest plan has changes that nobody counted. */
  readonly isUncounted: boolean;
  readonly changes: readonly ResourceChange[];
  readonly planText: string | undefined;
  /** What the steps of the latest plan or apply did; absent where nothing is known of them. */
  readonly steps?: readonly StepReport[] | undefined;
  /** Of the latest plan or apply, if that failed. */
  readonly failure: Failure | undefined;
  readonly waitingFor: readonly DirspaceKey[];
  /** Of the latest apply. */
  readonly outputs: readonly OutputValue[];
  readonly staleBecause: StaleBecause | undefined;
  /** Of any pull request, this one included. */
  readonly locks: readonly LockRecord[];
}

export interface ActiveRun {
  readonly number: number;
  readonly kind: Run["kind"];
  readonly state: Exclude<Run["state"], "ended">;
  /** What the state does not say. */
  readonly standing?: Exclude<RunStanding, Run["state"]> | undefined;
  /** Its job reads the code, and works on dirspaces only after that. */
  readonly reads: boolean;
  /** Why its job has not been started yet. */
  readonly wait?: JobWait | undefined;
  /** When a job took it. */
  readonly startedAt: Instant | undefined;
}
