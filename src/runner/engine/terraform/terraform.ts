import type { Env } from "../../process.ts";
import type { Applied, UnitState } from "../../unit-state.ts";
import type { Engine, EngineApply, EngineStep } from "../engine.ts";
import { OUTPUTS_CHARS_MAX, shownOutputs, terraformOutputs } from "../outputs.ts";
import { terraformInit } from "./init.ts";
import { type Invocation, invokeQuietly, toolCall } from "./invocation.ts";
import { terraformPlan } from "./plan.ts";
import { showJson } from "./show.ts";

/** From here on an apply prints values; sensitive outputs are known only after it. */
const OUTPUTS_HEADING = /^Outputs:\s*$/;

/** Terraform's verbs, called directly or through a wrapper. */
export function terraformEngine(how: Invocation): Engine {
  return {
    label: how.label,
    environment: how.environment,
    init: (state, step) => terraformInit(state, how, step),
    plan: (state, step) => terraformPlan(state, how, step),
    showJson: (state, env) => showJson(state, how, env, [state.planFile]),
    apply: (state, step) => applyCall(state, how, step),
    outputs: (state, env) => outputs(state, how, env),
  };
}

function applyCall(state: UnitState, how: Invocation, step: EngineStep): EngineApply {
  const what = state.job.work.autoApprove === true ? "-auto-approve" : state.planFile;
  const args = ["apply", ...step.args, "-input=false", "-no-color", what];
  let inOutputs = false;
  const live = (line: string, stream: string) => {
    if (stream === "stdout" && OUTPUTS_HEADING.test(line)) inOutputs = true;
    return stream === "stderr" || !inOutputs;
  };
  const call = { ...toolCall(state, how, args, step.env), protect: true, live };
  return { kind: "call", call };
}

async function outputs(state: UnitState, how: Invocation, env: Env): Promise<Applied["outputs"]> {
  // Sensitive outputs are asked for even where none are shown: the apply has just printed the others.
  const run = await invokeQuietly(state, how, ["output", "-json"], {
    env,
    charsMax: OUTPUTS_CHARS_MAX,
  });
  const shown = shownOutputs(terraformOutputs(run.stdout), state.job.masker);
  return how.collectOutputs ? shown : [];
}
