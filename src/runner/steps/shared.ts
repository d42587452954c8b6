import { unreachable } from "../../base/unreachable.ts";
import type { WorkHook, WorkStep } from "../../contract/step.ts";
import type { Scope, StepEnd } from "../scope.ts";
import { failureOf } from "../text.ts";
import { envStep } from "./env.ts";
import { gatesStep } from "./gates.ts";
import { oidcStep } from "./oidc.ts";
import { runStep } from "./run.ts";
import { slackStep } from "./slack.ts";
import { webhookStep } from "./webhook.ts";

export type SharedStep = Extract<WorkStep, { type: WorkHook["type"] }>;

/** What may stand in a workflow and in a hook. */
export async function sharedStep(scope: Scope, step: SharedStep): Promise<StepEnd> {
  switch (step.type) {
    case "run":
      return await runStep(scope, step);
    case "env":
      return await envStep(scope, step);
    case "gates":
      return await gatesStep(scope, step);
    case "slack":
      return await slackStep(scope, step);
    case "webhook":
      return await webhookStep(scope, step);
    case "oidc":
      return await oidcStep(scope, step);
    case "unknown":
      return unknownStep(step.name);
    default:
      return unreachable(step);
  }
}

function unknownStep(name: string): StepEnd {
  const message = `This runner does not know the step "${name}". Update the runner in the CI job, or take the step out of the configuration.`;
  return { kind: "failed", failure: failureOf("workflow", message) };
}
