import { unreachable } from "../base/unreachable.ts";
import type { StepReport } from "../contract/step.ts";
import type { UnitResult, WorkDirspace, WorkUnit } from "../contract/work.ts";
import type { Reported } from "./hooks.ts";

/** One entry of `steps` in the file that hooks after the dirspaces read. */
interface ResultStep {
  readonly step: string;
  readonly success: boolean;
  readonly ignore_errors: boolean;
  readonly scope:
    | { readonly type: "dirspace"; readonly dir: string; readonly workspace: string }
    | { readonly type: "run"; readonly flow: "hooks"; readonly subflow: "pre" | "post" };
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface ResultsFile {
  readonly success: boolean;
  readonly steps: readonly ResultStep[];
}

export interface ResultsFacts {
  readonly units: readonly WorkUnit[];
  readonly results: readonly Reported[];
  /** Of the hooks before. */
  readonly pre: readonly StepReport[];
  readonly succeeded: boolean;
}

/** The results in the shape that scripts of today read; masked by whoever writes it. */
export function resultsFile({ units, results, pre, succeeded }: ResultsFacts): ResultsFile {
  const before = pre.map((report) =>
    step(report, report.step, { type: "run", flow: "hooks", subflow: "pre" }, {}),
  );
  const steps = results.flatMap(({ unit, result }) =>
    dirspaceSteps(engineOf(units, unit), unit, result),
  );
  return { success: succeeded, steps: [...before, ...steps] };
}

function dirspaceSteps(engine: string, unit: WorkDirspace, result: UnitResult): ResultStep[] {
  const scope = { type: "dirspace", dir: unit.dir, workspace: unit.workspace } as const;
  switch (result.outcome) {
    case "planned":
    case "applied":
    case "failed":
      return (result.steps ?? []).map((report) =>
        step(report, stepName(engine, report.step), scope, detail(report, result)),
      );
    case "waiting":
    case "not_started": {
      const text = result.outcome === "waiting" ? "It waits for others." : result.because;
      const payload = { text, visible_on: "always" };
      return [{ step: "run", success: false, ignore_errors: false, scope, payload }];
    }
    default:
      return unreachable(result);
  }
}

/** What a step left in the result itself. */
function detail(report: StepReport, result: UnitResult): Record<string, unknown> {
  if (report.step === "plan" && result.outcome === "planned") {
    return { plan: result.text, text: result.text, has_changes: result.changed };
  }
  if (report.step === "apply" && result.outcome === "applied") {
    const outputs = Object.fromEntries(
      result.outputs.map(({ name, sensitive, value }) => [name, { sensitive, value }]),
    );
    return { text: result.text, ...(result.outputs.length === 0 ? {} : { outputs }) };
  }
  return {};
}

function step(
  report: StepReport,
  name: string,
  scope: ResultStep["scope"],
  more: Record<string, unknown>,
): ResultStep {
  const { outcome, title, text, exitCode, visibleOn, format } = report;
  return {
    step: name,
    success: outcome === "succeeded",
    ignore_errors: outcome === "ignored" || outcome === "gated",
    scope,
    payload: {
      text,
      visible_on: visibleOn,
      ...(title === "" ? {} : { cmd: [title] }),
      ...(exitCode === null ? {} : { exit_code: exitCode }),
      ...(format.type === "code" ? {} : { format: format.type }),
      ...more,
    },
  };
}

const ENGINE_STEPS: ReadonlySet<string> = new Set(["init", "plan", "apply"]);
const PLAN_CHECKS: ReadonlySet<string> = new Set(["checkov", "conftest", "opa"]);

function stepName(engine: string, name: string): string {
  if (ENGINE_STEPS.has(name)) return `${engine}/${name}`;
  if (PLAN_CHECKS.has(name)) return `tf/${name}`;
  if (name === "cost_estimation") return "tf/cost-estimation";
  return name === "oidc" ? "auth/oidc" : name;
}

/** All of the terraform family report alike. */
function engineOf(units: readonly WorkUnit[], { dir, workspace }: WorkDirspace): string {
  const unit = units.find((each) => each.dir === dir && each.workspace === workspace);
  const name = unit?.engine.name ?? "terraform";
  return name === "pulumi" || name === "custom" ? name : "tf";
}
