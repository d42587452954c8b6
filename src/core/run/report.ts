import type { DirspaceKey } from "../change/dirspace.ts";
import type { OutputFormat, RunOn } from "../config/step.ts";
import type { ChangeCounts, WorkState } from "./work.ts";

/** What a runner found out about one dirspace, for people; no decision reads it. */

export type ResourceAction =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "read"
  | "import"
  | "forget"
  | "move";

export interface ResourceChange {
  readonly address: string;
  readonly action: ResourceAction;
  /** Attribute paths that force a replacement. */
  readonly replacePaths: readonly string[];
}

export interface Failure {
  /** Which step ended it: `checkout`, `init`, `plan`, `apply`, … */
  readonly step: string;
  readonly message: string;
  /** Last lines of the tool's output, secrets masked. */
  readonly tail: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface OutputValue {
  readonly name: string;
  readonly sensitive: boolean;
  /** Null where it is sensitive. */
  readonly value: string | null;
}

/** What one step did, masked by the runner. */
export interface StepReport {
  readonly step: string;
  /** The command as a person would type it. */
  readonly title: string;
  /** `ignored`: it failed and that does not count; `gated`: it failed and asks for approvals instead. */
  readonly outcome: "succeeded" | "failed" | "ignored" | "gated";
  readonly visibleOn: RunOn;
  readonly format: OutputFormat;
  readonly text: string;
  readonly exitCode: number | null;
  readonly durationMs: number;
}

/** What the hooks of one run's job did. */
export interface HookReports {
  readonly pre: readonly StepReport[];
  readonly post: readonly StepReport[];
}

/** An approval that a step asked for; terms as written, because a runner's word is not to be trusted to parse. */
export interface RaisedGate {
  readonly token: string | null;
  readonly name: string | null;
  readonly allOf: readonly string[];
  readonly anyOf: readonly string[];
  readonly anyOfCount: number;
  readonly addReviewers: boolean;
}

/** What a plan was made from; kept for later use. */
export interface PlanFacts {
  readonly providers: readonly { readonly source: string; readonly version: string | null }[];
  readonly modules: readonly {
    readonly path: string;
    readonly source: string;
    readonly version: string | null;
  }[];
  /** SHA-256 by name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly tool: string | null;
}

/** What the runner says about one dirspace: facts, never verdicts. */
export type UnitReport =
  | {
      readonly outcome: "planned";
      readonly changed: boolean;
      readonly planDigest: string | undefined;
      /** Undefined where nobody counted; text is not counted. */
      readonly counts: ChangeCounts | undefined;
      readonly changes: readonly ResourceChange[];
      readonly text: string;
      /** Absent from older runners, as in the others. */
      readonly steps?: readonly StepReport[] | undefined;
      readonly gates?: readonly RaisedGate[] | undefined;
      readonly facts?: PlanFacts | undefined;
    }
  | {
      readonly outcome: "applied";
      readonly fence: number;
      readonly outputs: readonly OutputValue[];
      readonly text: string;
      readonly steps?: readonly StepReport[] | undefined;
    }
  | {
      readonly outcome: "failed";
      readonly failure: Failure;
      readonly fence: number | undefined;
      readonly steps?: readonly StepReport[] | undefined;
    }
  | { readonly outcome: "waiting"; readonly for: readonly DirspaceKey[] }
  | { readonly outcome: "not_started"; readonly because: string };

/** The state that a report leads to. */
export function stateAfter(report: UnitReport): WorkState {
  return report.outcome;
}
