import type { Instant } from "../base/brand.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { PullRequestId, RunId } from "../core/ids.ts";
import type { HookReports, UnitReport } from "../core/run/report.ts";
import type { JobWait } from "../core/schedule/wait.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { ResultStore } from "./result-store.ts";

/** A pull request as stored, with what its runners reported: what people are shown. */
export interface Reported {
  readonly snapshot: Snapshot;
  /** The reports of the latest plan and apply of each dirspace. */
  readonly reports: ReadonlyMap<DirspaceKey, DirspaceReports>;
  /** When a job took each active run. */
  readonly claimedAt: ReadonlyMap<RunId, Instant>;
  /** Runs whose job waits for its turn. */
  readonly waits?: ReadonlyMap<RunId, JobWait>;
  /** What the hooks of its latest runs for this head did, the latest first. */
  readonly hooks?: readonly HooksOfRun[];
  readonly readAt: Instant;
  /** What was written outside before may have been forgotten, as the database was promoted or restored. */
  readonly rememberedSince: Instant;
}

export interface HooksOfRun extends HookReports {
  readonly number: number;
}

/** Of older runs nobody looks at hooks in a comment. */
export const HOOKED_RUNS_MAX = 5;

export interface DirspaceReports {
  readonly plan: UnitReport | undefined;
  readonly apply: UnitReport | undefined;
  /** What the server itself says about a work that ended without a report. */
  readonly planBecause: string | undefined;
  readonly applyBecause: string | undefined;
}

export interface ReportStore extends ResultStore {
  reported(pullRequest: PullRequestId): Promise<Reported | undefined>;
}
