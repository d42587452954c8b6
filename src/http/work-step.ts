import { unreachable } from "../base/unreachable.ts";
import type { Gate as WorkGate, WorkHook, WorkStep } from "../contract/step.ts";
import type { Hook } from "../core/config/hook.ts";
import { printMatch } from "../core/config/match.ts";
import type {
  EnvExecStep,
  EnvSourceStep,
  Gate,
  GatesStep,
  OidcStep,
  PolicyStep,
  RunStep,
  SlackStep,
  Step,
  WebhookStep,
} from "../core/config/step.ts";

/** A step of a workflow, in the runner's words. */
export function workStep(step: Step): WorkStep {
  switch (step.type) {
    case "init":
      return { type: "init", extraArgs: [...step.extraArgs], env: { ...step.env } };
    case "plan":
      return {
        type: "plan",
        extraArgs: [...step.extraArgs],
        env: { ...step.env },
        mode: step.mode,
      };
    case "apply": {
      const { enabled, tries, initialSleepSeconds, backoff } = step.retry;
      const retry = enabled ? { tries, initialSleepSeconds, backoff } : null;
      return { type: "apply", extraArgs: [...step.extraArgs], env: { ...step.env }, retry };
    }
    case "policy":
      return policy(step);
    default:
      return shared(step);
  }
}

/** A hook, in the runner's words. */
export function workHook(hook: Hook): WorkHook {
  return hook.type === "drift_create_issue"
    ? { type: "drift_create_issue", groupBy: hook.groupBy }
    : shared(hook);
}

type Shared =
  | RunStep
  | EnvExecStep
  | EnvSourceStep
  | OidcStep
  | GatesStep
  | SlackStep
  | WebhookStep;

/** What may be a step and a hook. */
function shared(step: Shared): Extract<WorkStep, { type: Shared["type"] }> {
  switch (step.type) {
    case "run":
      return {
        type: "run",
        cmd: [...step.cmd],
        env: { ...step.env },
        captureOutput: step.captureOutput,
        ignoreErrors: step.ignoreErrors,
        runOn: step.runOn,
        visibleOn: step.visibleOn,
        format: step.format,
        gates: step.onError.map(gate),
      };
    case "env": {
      const { method, cmd, sensitive } = step;
      const name = step.method === "exec" ? step.name : null;
      const trimTrailingNewlines = step.method === "exec" && step.trimTrailingNewlines;
      return { type: "env", method, name, cmd: [...cmd], sensitive, trimTrailingNewlines };
    }
    case "oidc":
      return oidc(step);
    case "gates":
      return { type: "gates", cmd: [...step.cmd], env: { ...step.env }, runOn: step.runOn };
    case "slack":
      return { type: "slack", message: step.message, runOn: step.runOn };
    case "webhook":
      return { ...step, headers: { ...step.headers }, body: step.body ?? null };
    default:
      return unreachable(step);
  }
}

function policy(step: PolicyStep): WorkStep {
  return {
    type: "policy",
    tool: step.tool,
    env: { ...step.env },
    extraArgs: [...step.extraArgs],
    gate: step.gate === undefined ? null : gate(step.gate),
    ignoreErrors: step.ignoreErrors,
    runOn: step.runOn,
    visibleOn: step.visibleOn,
    failOn: step.failOn ?? null,
  };
}

function oidc(step: OidcStep): Extract<WorkStep, { type: "oidc" }> {
  switch (step.provider) {
    case "aws": {
      const { assumeRoleArn, assumeRoleEnabled, ...rest } = step;
      const second = assumeRoleEnabled ? (assumeRoleArn ?? null) : null;
      return { ...rest, assumeRoleArn: second };
    }
    case "gcp": {
      const { projectId: _, accessTokenSubject, audience, ...rest } = step;
      const subject = accessTokenSubject ?? null;
      return { ...rest, accessTokenSubject: subject, audience: audience ?? null };
    }
    case "azure":
      return { ...step, subscriptionId: step.subscriptionId ?? null };
    default:
      return unreachable(step);
  }
}

/** A gate of the configuration asks nobody by itself: who may approve is told in the pull request. */
function gate({ token, name, allOf, anyOf, anyOfCount }: Gate): WorkGate {
  return {
    token: token ?? null,
    name: name ?? null,
    allOf: allOf.map(printMatch),
    anyOf: anyOf.map(printMatch),
    anyOfCount,
    addReviewers: false,
  };
}
