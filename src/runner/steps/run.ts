import type { WorkStep } from "../../contract/step.ts";
import { findProgram } from "../process.ts";
import { OK, type Scope, type StepEnd } from "../scope.ts";
import { expandArgv, expandEnv } from "../template.ts";
import { failureOf } from "../text.ts";
import { runTool, toolFailure } from "../tool.ts";
import { missingVariable } from "./engine-args.ts";

/** Runs a program of the customer with its arguments as they are: no shell unless the program is one. */
export async function runStep(
  state: Scope,
  step: Extract<WorkStep, { type: "run" }>,
): Promise<StepEnd> {
  const env = expandEnv(step.env, state.env);
  if (env.kind === "missing") return missingVariable("run", env.name);
  const argv = expandArgv(step.cmd, env.env);
  if (argv.kind === "missing") return missingVariable("run", argv.name);
  const [name, ...args] = argv.argv;
  if (name === undefined || name === "") return failed("The step has no command.");
  const program = await findProgram(name, env.env, state.path);
  if (program === undefined) {
    return failed(
      `The program "${name}" was not found. Install it in the CI job, or correct the step.`,
    );
  }
  // In an apply a command may change infrastructure as much as the engine does.
  const protect = state.job.work.kind === "apply";
  const run = await runTool(state, { program, label: name, args, env: env.env, protect });
  if (run.succeeded) return OK;
  const failure = toolFailure(state, "run", name, { ended: run.ended, tail: run.text() });
  return { kind: "failed", failure };
}

function failed(message: string): StepEnd {
  return { kind: "failed", failure: failureOf("run", message) };
}
