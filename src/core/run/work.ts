import type { Instant } from "../../base/brand.ts";
import type { CommitSha, RunId } from "../ids.ts";
import type { RulePlace } from "../rule/rule-place.ts";
import type { BasisKey, PlanBasis } from "./plan-basis.ts";
import type { RaisedGate } from "./report.ts";

/**
 * The state of one dirspace inside one run.
 *
 * ```
 * plan:   queued → running → planned | waiting | failed
 * apply:  queued → running → granted → applied | failed
 *                               │└──▶ unknown ──▶ applied | failed   (contact lost while granted, S3)
 *                                          └────▶ abandoned          (given up by a person with `force-unlock`)
 * both:   queued, running → not_started   (cancelled, superseded, grant refused, job never began it)
 * ```
 * `granted` and `unknown` exclude every other apply of the dirspace: the database has a unique index over
 * exactly these two states (S1).
 */
export type WorkState =
  | "queued"
  | "running"
  | "granted"
  | "unknown"
  | "planned"
  | "applied"
  | "waiting"
  | "failed"
  | "not_started"
  | "abandoned";

const ENDED: Readonly<Record<WorkState, boolean>> = {
  queued: false,
  running: false,
  granted: false,
  unknown: false,
  planned: true,
  applied: true,
  waiting: true,
  failed: true,
  not_started: true,
  abandoned: true,
};

export function hasEnded(state: WorkState): boolean {
  return ENDED[state];
}

/** The states that may follow; anything else is refused in SQL as well (S28: an ended state never changes). */
export const NEXT_WORK_STATES: Readonly<Record<WorkState, readonly WorkState[]>> = {
  queued: ["running", "granted", "planned", "waiting", "failed", "not_started"],
  running: ["granted", "planned", "waiting", "failed", "not_started"],
  granted: ["applied", "failed", "unknown"],
  unknown: ["applied", "failed", "abandoned"],
  planned: [],
  applied: [],
  waiting: [],
  failed: [],
  not_started: [],
  abandoned: [],
};

/** Counted from the JSON plan. */
export interface ChangeCounts {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly import: number;
  readonly move: number;
  readonly forget: number;
  readonly outputs: number;
}

/** What the decisions need to know of one dirspace's part in a run. */
export interface Work {
  readonly runId: RunId;
  readonly runNumber: number;
  readonly op: "plan" | "apply";
  readonly state: WorkState;
  /** Its run was told to stop; the run itself may be history. Absent where it was not, and where an older server decided. */
  readonly cancelRequested?: true;
  readonly headSha: CommitSha;
  /** The base commit the head was merged with. */
  readonly baseSha: CommitSha;
  /** Base commits up to this one were found not to feed the dirspace, so the plan still holds (S11). */
  readonly confirmedBaseSha: CommitSha;
  /** SHA-256 of the plan file; what a review is bound to (S12). */
  readonly planDigest: string | undefined;
  readonly changed: boolean | undefined;
  readonly counts: ChangeCounts | undefined;
  /** The dirspace's last granted fence when this work was made; a later apply makes the plan stale (S11). */
  readonly fenceSeen: number;
  /** Set by a decision once something made this plan stale. */
  readonly stale: StaleBecause | undefined;
  /** Of a plan: what the configuration said when it was asked for; absent where an older server made it. */
  readonly basis?: Partial<PlanBasis> | undefined;
  /** When it ended, by the database's clock; absent before, and where an older decision is made once more. */
  readonly endedAt?: Instant | undefined;
  /** Grows with every work of the dirspace; orders them without clocks (S8). */
  readonly seq: number;
  readonly waitingFor: readonly string[];
  /** Approvals that its steps asked for before it may be applied; absent where there are none. */
  readonly gates?: readonly RaisedGate[] | undefined;
  /** A hook after the dirspaces asks for approvals, and has not said for which. */
  readonly gatesUnasked?: true;
  readonly failure: string | undefined;
  /** The fence of this work's own grant: once set, something may have been changed. */
  readonly fence: number | undefined;
}

export type StaleBecause =
  | { readonly kind: "base_moved"; readonly to: CommitSha }
  | {
      readonly kind: "settings_changed";
      readonly keys: readonly BasisKey[];
      /** Where they stand now. */
      readonly rules: readonly RulePlace[];
    }
  | { readonly kind: "applied_elsewhere" }
  | { readonly kind: "apply_failed" }
  | { readonly kind: "unlocked" };
