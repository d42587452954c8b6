import { unreachable } from "../../base/unreachable.ts";
import type { Gate, OutputFormat, RunOn, WorkHook, WorkStep } from "../../contract/step.ts";

export type AnyStep = WorkStep | WorkHook;

/** What is the same for every step, whatever it does. */
export interface StepOptions {
  /** What reports and failures call it. */
  readonly name: string;
  /** After what it runs. */
  readonly runOn: RunOn;
  /** When its text is shown open. */
  readonly visibleOn: RunOn;
  readonly format: OutputFormat;
  /** Its failure does not count. */
  readonly ignoreErrors: boolean;
  /** Asked for when it fails, which then does not count. */
  readonly gates: readonly Gate[];
  /** What of its text goes into the report; a plan and an apply are told by their result. */
  readonly text: "always" | "unless_succeeded" | "never";
}

const DEFAULTS: Omit<StepOptions, "name"> = {
  runOn: "success",
  visibleOn: "failure",
  format: { type: "code" },
  ignoreErrors: false,
  gates: [],
  text: "always",
};

export function optionsOf(step: AnyStep): StepOptions {
  switch (step.type) {
    case "init":
    case "env":
    case "oidc":
      return { ...DEFAULTS, name: step.type };
    case "plan":
    case "apply":
      return { ...DEFAULTS, name: step.type, visibleOn: "always", text: "unless_succeeded" };
    case "run": {
      const { runOn, visibleOn, format, ignoreErrors, gates } = step;
      const text = step.captureOutput ? "always" : "never";
      return { name: "run", runOn, visibleOn, format, ignoreErrors, gates, text };
    }
    case "policy": {
      const { runOn, visibleOn, ignoreErrors, gate } = step;
      const gates = gate === null ? [] : [gate];
      return { ...DEFAULTS, name: step.tool, runOn, visibleOn, ignoreErrors, gates };
    }
    case "gates":
    case "slack":
    case "webhook":
      return { ...DEFAULTS, name: step.type, runOn: step.runOn };
    case "drift_create_issue":
      return { ...DEFAULTS, name: step.type, runOn: "always" };
    case "unknown":
      return { ...DEFAULTS, name: step.name };
    default:
      return unreachable(step);
  }
}

export function wanted(runOn: RunOn, failed: boolean): boolean {
  switch (runOn) {
    case "always":
      return true;
    case "success":
      return !failed;
    case "failure":
      return failed;
    default:
      return unreachable(runOn);
  }
}
