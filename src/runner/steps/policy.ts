import { stat } from "node:fs/promises";
import { unreachable } from "../../base/unreachable.ts";
import type { WorkStep } from "../../contract/step.ts";
import { planJsonFile } from "../plan-document.ts";
import { capture, type Env, findProgram } from "../process.ts";
import { OK, type StepEnd } from "../scope.ts";
import { expandArgv, expandEnv } from "../template.ts";
import { failureOf } from "../text.ts";
import { runTool, toolFailure } from "../tool.ts";
import type { UnitState } from "../unit-state.ts";
import { missingVariable } from "./engine-args.ts";

type PolicyStep = Extract<WorkStep, { type: "policy" }>;
type Tool = PolicyStep["tool"];

const VERSION_CHARS_MAX = 10_000;
const VERSION = /\d+\.\d+\.\d+/;
const VERSION_VARIABLE: Readonly<Record<Tool, string>> = {
  checkov: "CHECKOV_VERSION",
  conftest: "CONFTEST_VERSION",
  opa: "OPA_VERSION",
};

/** Checks the plan of this dirspace, and of no other, with a policy tool of the CI job. */
export async function policyStep(state: UnitState, step: PolicyStep): Promise<StepEnd> {
  const { tool } = step;
  const env = expandEnv(step.env, state.env);
  if (env.kind === "missing") return missingVariable(tool, env.name);
  const extra = expandArgv(step.extraArgs, env.env);
  if (extra.kind === "missing") return missingVariable(tool, extra.name);
  const hasPlan = await stat(state.planFile).catch(() => undefined);
  if (hasPlan === undefined) {
    return failed(tool, `There is no plan that ${tool} could check. Put the step after the plan.`);
  }
  const program = await findProgram(tool, env.env, state.path);
  if (program === undefined) {
    return failed(
      tool,
      `${tool} was not found on PATH, so nothing was checked. Install it in the CI job or in a hook before the plan.`,
    );
  }
  const mismatch = await otherVersion(state, tool, program, env.env);
  if (mismatch !== undefined) return failed(tool, mismatch);
  const plan = await planJsonFile(state, env.env);
  if (plan.kind === "failed") return plan;
  const args = argsOf(step, extra.argv, plan.file);
  const run = await runTool(state, {
    program,
    label: tool,
    args,
    env: env.env,
  });
  if (run.succeeded) return OK;
  const failure = toolFailure(state, tool, tool, { ended: run.ended, tail: run.text() });
  const why = tool === "opa" ? opaSays(step, run.stdout()) : undefined;
  return {
    kind: "failed",
    failure: why === undefined ? failure : { ...failure, message: `${failure.message} ${why}` },
  };
}

function argsOf(step: PolicyStep, extra: readonly string[], file: string): string[] {
  switch (step.tool) {
    case "checkov":
      return [...extra, "-f", file];
    case "conftest":
      return ["test", "--ignore", ".git", ...extra, file];
    case "opa": {
      const fail = step.failOn === "defined" ? "--fail-defined" : "--fail";
      return ["eval", fail, "--format", "json", "--ignore", ".git", "-i", file, ...extra];
    }
    default:
      return unreachable(step.tool);
  }
}

/** A check by another version than the one that was asked for is not the check that was asked for. */
async function otherVersion(
  state: UnitState,
  tool: Tool,
  program: string,
  env: Env,
): Promise<string | undefined> {
  const name = VERSION_VARIABLE[tool];
  const asked = VERSION.exec(env[name] ?? "")?.[0];
  if (asked === undefined) return undefined;
  const { job, path } = state;
  const run = await capture(
    { program, args: [tool === "opa" ? "version" : "--version"], cwd: path, env, protect: false },
    { stop: job.stop, graceMs: job.graceMs, charsMax: VERSION_CHARS_MAX },
  );
  const found = VERSION.exec(run.stdout)?.[0];
  if (found === undefined || found === asked) return undefined;
  return `${name} is ${asked}, but this job has ${tool} ${found}. Install ${tool} ${asked} in the CI job, or change the variable.`;
}

/** The exit code alone does not say whether the policy answered or could not be read. */
function opaSays(step: PolicyStep, answer: string): string | undefined {
  try {
    const document = JSON.parse(answer) as { errors?: { message?: unknown }[] } | null;
    const problem = document?.errors?.[0]?.message;
    if (typeof problem === "string") return `The policy could not be evaluated: ${problem}.`;
  } catch {
    return undefined;
  }
  return step.failOn === "defined"
    ? "The query has an answer, and `fail_on` is `defined`."
    : "The query has no answer, and `fail_on` is `undefined`.";
}

function failed(tool: Tool, message: string): StepEnd {
  return { kind: "failed", failure: failureOf(tool, message) };
}
