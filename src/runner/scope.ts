import type { Gate } from "../contract/step.ts";
import type { Failure } from "../contract/work.ts";
import type { UnitOutput } from "./output.ts";
import type { Reports } from "./reports.ts";
import type { Cloud } from "./steps/oidc.ts";
import type { Job } from "./unit-state.ts";

/** Where steps run, one after another: a dirspace, or the hooks before or after all of them. */
export interface Scope {
  readonly job: Job;
  readonly output: UnitOutput;
  /** The directory of its commands, absolute. */
  readonly path: string;
  /** For files of its own; removed when it ends. */
  readonly tmp: string;
  /** Steps of type `env` replace it. */
  env: Record<string, string>;
  /** Credentials of clouds that are renewed before they end. */
  readonly clouds: Cloud[];
  /** From the first failing step that counts. */
  failure: Failure | undefined;
  readonly reports: Reports;
  /** Approvals that its steps asked for. */
  readonly gates: Gate[];
  /** What may be asked for here; undefined: everything. An apply cannot wait for what its plan did not ask. */
  readonly approved: readonly Gate[] | undefined;
}

export type StepEnd =
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** The server does not let this unit begin. */
  | { readonly kind: "not_started"; readonly because: string };

export const OK: StepEnd = { kind: "ok" };
