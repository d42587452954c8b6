import type { WorkStep } from "../../contract/step.ts";
import type { StepEnd, UnitState } from "../unit-state.ts";
import { engineArgs } from "./engine-args.ts";

/** Makes the unit's engine ready: it downloads what the code needs and selects the workspace. */
export async function initStep(
  state: UnitState,
  step: Extract<WorkStep, { type: "init" }>,
): Promise<StepEnd> {
  const prepared = engineArgs(state, "init", step);
  return prepared.kind === "failed" ? prepared : await state.engine.init(state, prepared);
}
