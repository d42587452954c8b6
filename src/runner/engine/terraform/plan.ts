import { stat } from "node:fs/promises";
import { inputFacts } from "../../input-facts.ts";
import { planFacts, sensitiveValues } from "../../plan-json.ts";
import type { Env } from "../../process.ts";
import { runTool, type ToolRun, toolFailure } from "../../tool.ts";
import type { UnitState } from "../../unit-state.ts";
import type { EnginePlan, EnginePlanStep } from "../engine.ts";
import { type Invocation, toolCall } from "./invocation.ts";
import { isProgress, planText } from "./plan-text.ts";
import { showJson } from "./show.ts";
import { changedTargets } from "./targets.ts";

/** Plans into `state.planFile`; exit code 0 is no change, 2 changes, anything else a failure. */
export async function terraformPlan(
  state: UnitState,
  how: Invocation,
  step: EnginePlanStep,
): Promise<EnginePlan> {
  const targets = step.mode === "fast-and-loose" ? await changedTargets(state, how, step) : [];
  const fixed = ["-input=false", "-no-color", "-detailed-exitcode", `-out=${state.planFile}`];
  const run = await runTool(state, {
    ...toolCall(state, how, ["plan", ...step.args, ...targets, ...fixed], step.env),
    live: (line, stream) => stream === "stdout" && isProgress(line),
  });
  const code = run.ended.kind === "exited" ? run.ended.code : null;
  if (code === 0 || code === 2) return await planned(state, how, run, step.env);
  return await planFailed(state, how, run, step.env);
}

async function planned(
  state: UnitState,
  how: Invocation,
  run: ToolRun,
  env: Env,
): Promise<EnginePlan> {
  const shown = await showJson(state, how, env, [state.planFile]);
  if (shown.kind === "failed") {
    await run.release("stderr");
    return shown;
  }
  state.planJson = shown.file;
  state.facts = await inputFacts(state.path, how.label, shown.document);
  const secrets = sensitiveValues(shown.document);
  state.job.masker.addAll(secrets);
  await run.release("all");
  const { counts, changes, changed } = planFacts(shown.document);
  const changedByExitCode = run.ended.kind === "exited" && run.ended.code === 2;
  return {
    kind: "planned",
    changed: changedByExitCode || changed,
    counts,
    changes,
    text: planText(run.stdout()),
    secrets,
  };
}

/** An error can come after half a plan was printed; that half is shown only when its secrets are known. */
async function planFailed(
  state: UnitState,
  how: Invocation,
  run: ToolRun,
  env: Env,
): Promise<EnginePlan> {
  const fromPlan = await stat(state.planFile)
    .then(() => [state.planFile])
    .catch(() => []);
  const shown = await showJson(state, how, env, fromPlan);
  const known = shown.kind === "ok";
  if (known) state.job.masker.addAll(sensitiveValues(shown.document));
  await run.release(known ? "all" : "stderr");
  const tail = known ? run.text() : run.stderr();
  const failure = toolFailure(state, "plan", `${how.label} plan`, { ended: run.ended, tail });
  return { kind: "failed", failure };
}
