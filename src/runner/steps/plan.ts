import { readFile, rm } from "node:fs/promises";
import type { WorkStep } from "../../contract/step.ts";
import { planFacts } from "../plan-json.ts";
import { elide } from "../text.ts";
import { OK, type StepEnd, type UnitState } from "../unit-state.ts";
import { engineArgs } from "./engine-args.ts";
import { storePlan } from "./store-plan.ts";

type PlanStep = Extract<WorkStep, { type: "plan" }>;

/** Plans with the unit's engine; what has changes is sealed and stored, to be applied exactly as it is. */
export async function planStep(state: UnitState, step: PlanStep): Promise<StepEnd> {
  const prepared = engineArgs(state, "plan", step);
  if (prepared.kind === "failed") return prepared;
  await rm(state.planFile, { force: true });
  state.planJson = undefined;
  const plan = await state.engine.plan(state, { ...prepared, mode: step.mode });
  if (plan.kind === "failed") return plan;
  const { changed, counts, changes, secrets } = plan;
  let planDigest: string | null = null;
  if (changed) {
    const stored = await storePlan(state, secrets);
    if (stored.kind === "failed") return stored;
    planDigest = stored.digest;
  }
  const text = elide(state.job.masker.mask(plan.text));
  state.planned = { outcome: "planned", changed, planDigest, counts, changes, text };
  return OK;
}

/** A plan file that steps of type `run` wrote: stored like one of the plan step, with nothing known of its content. */
export async function storeForeignPlan(state: UnitState): Promise<StepEnd> {
  const size = await readFile(state.planFile)
    .then((bytes) => bytes.length)
    .catch(() => 0);
  if (size === 0) return OK;
  const stored = await storePlan(state, []);
  if (stored.kind === "failed") return stored;
  state.planned = { ...unchangedPlan(), changed: true, planDigest: stored.digest };
  return OK;
}

export function unchangedPlan() {
  const { counts, changes } = planFacts({});
  return {
    outcome: "planned",
    changed: false,
    planDigest: null,
    counts,
    changes,
    text: "",
  } as const;
}
