import type { Instant } from "../base/brand.ts";
import type { PullRequestId } from "../core/ids.ts";
import type { EndedRun, ResultOf } from "../core/notify/wanted-comments.ts";
import type { UnitReport } from "../core/run/report.ts";
import type { RunOutcome } from "../core/run/run.ts";
import type { WorkState } from "../core/run/work.ts";
import type { OpenPublication } from "./engine-store.ts";

/** What there is to tell about the ended runs of a pull request, and what is known to be told. */
export interface Told {
  /** Every one that worked on something, by number. */
  readonly runs: readonly StoredRun[];
  /** Those about results only; in the order of the keys. */
  readonly comments: readonly OpenPublication[];
  /** What was written outside before may have been forgotten. */
  readonly rememberedSince: Instant;
}

export interface StoredRun extends EndedRun {
  readonly outcome: RunOutcome;
  readonly endedAt: Instant;
}

/** How a work ended, with all that people are shown of it. */
export interface StoredResult extends ResultOf {
  readonly op: "plan" | "apply";
  readonly state: WorkState;
  readonly report: UnitReport | undefined;
  /** What the server itself says about one that ended without a report. */
  readonly because: string | undefined;
  /** Of an apply: what the plan said that it was to carry out. */
  readonly plan: UnitReport | undefined;
}

export interface ResultStore {
  told(pullRequest: PullRequestId): Promise<Told>;
  /** In any order; of what is not there any more nothing. */
  results(pullRequest: PullRequestId, which: readonly ResultOf[]): Promise<readonly StoredResult[]>;
}
