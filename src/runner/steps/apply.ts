import type { WorkStep } from "../../contract/step.ts";
import type { EngineStep, StepFailed } from "../engine/engine.ts";
import { delay } from "../process.ts";
import { deleteUsed } from "../storage/plan-storage.ts";
import { elide, failureOf } from "../text.ts";
import { runTool, type ToolRun, toolFailure } from "../tool.ts";
import { OK, type StepEnd, type UnitState } from "../unit-state.ts";
import { engineArgs } from "./engine-args.ts";

/** The state moved on, so this plan can never be applied again (S13). */
const STALE = /Saved plan is stale/;

type ApplyStep = Extract<WorkStep, { type: "apply" }>;

/** Applies exactly the plan file that the grant brought; the caller has taken the grant. */
export async function applyStep(state: UnitState, step: ApplyStep): Promise<StepEnd> {
  const prepared = engineArgs(state, "apply", step);
  if (prepared.kind === "failed") return prepared;
  const { stop, masker } = state.job;
  if (stop.reason !== undefined) {
    const message = `${stop.reason} The apply had been granted but had not begun: nothing was applied.`;
    return { kind: "failed", failure: failureOf("apply", message) };
  }
  const ran = await retried(state, prepared, step.retry);
  if (ran.kind === "failed") return ran;
  const { run } = ran;
  const succeeded = run?.succeeded ?? true;
  const wanted = succeeded && stop.reason === undefined;
  const outputs = wanted ? await state.engine.outputs(state, prepared.env) : [];
  await run?.release("all");
  const text = run?.text() ?? "";
  if (run !== undefined && !succeeded) {
    const label = `${state.engine.label} apply`;
    const failure = toolFailure(state, "apply", label, { ended: run.ended, tail: text });
    return { kind: "failed", failure };
  }
  await deleteUsed(state);
  state.applied = { outcome: "applied", outputs, text: elide(masker.mask(text.trim())) };
  return OK;
}

type Retried = { readonly kind: "ran"; readonly run: ToolRun | undefined } | StepFailed;

async function retried(
  state: UnitState,
  step: EngineStep,
  retry: ApplyStep["retry"],
): Promise<Retried> {
  let pause = retry?.initialSleepSeconds ?? 0;
  for (let tried = 1; ; tried += 1) {
    const apply = await state.engine.apply(state, step);
    if (apply.kind === "failed") return apply;
    if (apply.kind === "nothing") return { kind: "ran", run: undefined };
    const run = await runTool(state, apply.call);
    const failedByItself = run.ended.kind === "exited" && run.ended.signal === null;
    const again = failedByItself && !run.succeeded && !STALE.test(run.text());
    const last = tried >= (retry?.tries ?? 1) || state.job.stop.reason !== undefined;
    if (!again || last) return { kind: "ran", run };
    await run.release("all");
    await state.output.say(`apply did not succeed; it is tried again in ${pause} s.`);
    await delay(pause * 1_000);
    pause *= retry?.backoff ?? 1;
  }
}
