import { sensitiveValues } from "./plan-json.ts";
import type { Env } from "./process.ts";
import type { StepEnd } from "./scope.ts";
import { failureOf } from "./text.ts";
import type { UnitState } from "./unit-state.ts";

export type PlanJson =
  | { readonly kind: "ok"; readonly file: string }
  | Extract<StepEnd, { kind: "failed" }>;

/**
 * The file of this dirspace alone that holds its plan as JSON. The plan step left it; an apply, or a
 * plan that a command wrote, is read once for all that ask.
 */
export async function planJsonFile(state: UnitState, env: Env): Promise<PlanJson> {
  if (state.planJson !== undefined) return { kind: "ok", file: state.planJson };
  const shown = await state.engine.showJson(state, env);
  if (shown.kind === "failed") return shown;
  if (shown.kind === "none") {
    const message = `The engine ${state.unit.engine.name} writes no plan as JSON, so there is nothing to check.`;
    return { kind: "failed", failure: failureOf("show", message) };
  }
  state.job.masker.addAll(sensitiveValues(shown.document));
  state.planJson = shown.file;
  return { kind: "ok", file: shown.file };
}
