import { completeEngine, given } from "./complete-engine.ts";
import { completeIntegrations } from "./complete-integrations.ts";
import { completeQuery } from "./complete-query.ts";
import { completeStep } from "./complete-steps.ts";
import type { Integrations, Workflow, WorkflowSettings } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { RawWorkflow } from "./raw.ts";
import type { Step } from "./step.ts";

const INIT: Step = completeStep({ type: "init" });
const PLAN: Step = completeStep({ type: "plan" });
const APPLY: Step = completeStep({ type: "apply" });

/** What a dirspace gets that no workflow matches. */
export function defaultWorkflow(engine: Engine, integrations: Integrations): WorkflowSettings {
  return {
    plan: [INIT, PLAN],
    apply: [INIT, APPLY],
    engine,
    lockPolicy: "strict",
    integrations,
  };
}

export function completeWorkflow(
  raw: RawWorkflow,
  engine: Engine,
  integrations: Integrations,
): Workflow {
  const fallback = defaultWorkflow(engine, integrations);
  return {
    tagQuery: completeQuery(raw.tag_query),
    plan: raw.plan?.map(completeStep) ?? fallback.plan,
    apply: raw.apply?.map(completeStep) ?? fallback.apply,
    engine: completeEngine(raw.engine) ?? engine,
    ...given("environment", raw.environment),
    ...given("runsOn", raw.runs_on),
    lockPolicy: raw.lock_policy ?? fallback.lockPolicy,
    integrations: completeIntegrations(raw.integrations) ?? integrations,
  };
}
