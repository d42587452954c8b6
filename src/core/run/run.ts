import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { Account, AttemptId, CommitSha, RunId } from "../ids.ts";
import type { Preparing } from "./preparing.ts";
import type { WorkState } from "./work.ts";

/**
 * One unit of CI work.
 *
 * ```
 * queued → dispatched → running → ended
 *    └─────────┴───────────┴────▶ ended
 * ```
 * A run that was asked to stop is cancelling until it has ended. How it ended is read from its works; `outcome` says how the job itself went.
 */
export type RunState = "queued" | "dispatched" | "running" | "ended";

/** The states that may follow; anything else is refused in SQL as well (S28). */
export const NEXT_RUN_STATES: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ["dispatched", "running", "ended"],
  dispatched: ["running", "ended"],
  running: ["ended"],
  ended: [],
};

export type RunOutcome = "finished" | "failed" | "cancelled" | "superseded" | "lost";

export interface Run {
  readonly id: RunId;
  /** Counted per pull request from 1; for people. */
  readonly number: number;
  readonly kind: "plan" | "apply";
  readonly state: RunState;
  readonly outcome: RunOutcome | undefined;
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  readonly attemptId: AttemptId;
  /** Who asked; undefined for automatic runs, which count as the author's. Judged again before each apply. */
  readonly actor: Account | undefined;
  /** `apply-force`: apply requirements do not count. */
  readonly forced: boolean;
  /** `apply-autoapprove`: no reviewed plan binds it. Absent where one does. */
  readonly autoApprove?: true;
  readonly cancelRequested: boolean;
  readonly createdAt: Instant;
  /** Absent where its dirspaces were known from the start. */
  readonly preparing?: Preparing;
  /** Why it ended as it did, where no dirspace can say so. */
  readonly message?: string;
  /** How many issues its job left to be opened; absent where none. */
  readonly issues?: number;
  /** Its end is told by comments of its own; absent where no policy asks for that. */
  readonly told?: true;
  readonly works: readonly { readonly dirspace: DirspaceKey; readonly state: WorkState }[];
}

export function isActive(run: Run): boolean {
  return run.state !== "ended";
}
