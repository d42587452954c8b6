import type { DirspaceKey } from "../change/dirspace.ts";
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

/** What the runner says about one dirspace: facts, never verdicts. */
export type UnitReport =
  | {
      readonly outcome: "planned";
      readonly changed: boolean;
      readonly planDigest: string | undefined;
      readonly counts: ChangeCounts;
      readonly changes: readonly ResourceChange[];
      readonly text: string;
    }
  | {
      readonly outcome: "applied";
      readonly fence: number;
      readonly outputs: readonly OutputValue[];
      readonly text: string;
    }
  | { readonly outcome: "failed"; readonly failure: Failure; readonly fence: number | undefined }
  | { readonly outcome: "waiting"; readonly for: readonly DirspaceKey[] }
  | { readonly outcome: "not_started"; readonly because: string };

/** The state that a report leads to. */
export function stateAfter(report: UnitReport): WorkState {
  return report.outcome;
}
