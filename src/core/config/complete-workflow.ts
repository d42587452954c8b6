import { unreachable } from "../../base/unreachable.ts";
import { completeEngine, given } from "./complete-engine.ts";
import { completeMatches, completeQuery } from "./complete-query.ts";
import type { Workflow, WorkflowSettings } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Json } from "./json.ts";
import type { RawWorkflow } from "./raw.ts";
import type { RawGate, RawStep } from "./schema/workflows.ts";
import type { EnvExecStep, EnvSourceStep, Gate, OutputFormat, RunStep, Step } from "./step.ts";

const INIT: Step = { type: "init", env: {}, extraArgs: [] };
const PLAN: Step = { type: "plan", env: {}, extraArgs: [], mode: "strict" };
const NO_RETRY = { enabled: false, tries: 3, initialSleepSeconds: 5, backoff: 1.5 };
const APPLY: Step = { type: "apply", env: {}, extraArgs: [], retry: NO_RETRY };

/** What a dirspace gets that no workflow matches. */
export function defaultWorkflow(engine: Engine): WorkflowSettings {
  return {
    plan: [INIT, PLAN],
    apply: [INIT, APPLY],
    engine,
    lockPolicy: "strict",
    integrations: { resourcely: { enabled: false, extraArgs: [] } },
  };
}

export function completeWorkflow(raw: RawWorkflow, engine: Engine): Workflow {
  const fallback = defaultWorkflow(engine);
  return {
    tagQuery: completeQuery(raw.tag_query),
    plan: raw.plan?.map(completeStep) ?? fallback.plan,
    apply: raw.apply?.map(completeStep) ?? fallback.apply,
    engine: completeEngine(raw.engine) ?? engine,
    ...given("environment", raw.environment),
    ...given("runsOn", raw.runs_on),
    lockPolicy: raw.lock_policy ?? fallback.lockPolicy,
    integrations: fallback.integrations,
  };
}

function completeStep(raw: RawStep): Step {
  switch (raw.type) {
    case "init":
      return { type: "init", env: raw.env ?? {}, extraArgs: raw.extra_args ?? [] };
    case "plan":
      return {
        type: "plan",
        env: raw.env ?? {},
        extraArgs: raw.extra_args ?? [],
        mode: raw.mode ?? "strict",
      };
    case "apply":
      return {
        type: "apply",
        env: raw.env ?? {},
        extraArgs: raw.extra_args ?? [],
        retry: {
          enabled: raw.retry?.enabled ?? NO_RETRY.enabled,
          tries: raw.retry?.tries ?? NO_RETRY.tries,
          initialSleepSeconds: raw.retry?.initial_sleep ?? NO_RETRY.initialSleepSeconds,
          backoff: raw.retry?.backoff ?? NO_RETRY.backoff,
        },
      };
    case "run":
      return completeRun(raw);
    case "env":
      return completeEnv(raw);
    case "oidc":
    case "checkov":
    case "conftest":
    case "opa":
    case "gates":
    case "slack":
      // The file is YAML read as JSON, so whatever these hold is JSON.
      return { type: "unsupported", name: raw.type, options: raw as Json };
    default:
      return unreachable(raw);
  }
}

function completeRun(raw: Extract<RawStep, { type: "run" }>): RunStep {
  const onError = (raw.on_error ?? []).map(completeGate);
  return {
    type: "run",
    cmd: raw.cmd,
    env: raw.env ?? {},
    captureOutput: raw.capture_output ?? true,
    format: completeFormat(raw.format),
    // A gate asks people about the failure, so the failure itself must not end the run.
    ignoreErrors: raw.ignore_errors ?? onError.length > 0,
    onError,
    runOn: raw.run_on ?? "success",
    visibleOn: raw.visible_on ?? "failure",
  };
}

function completeEnv(raw: Extract<RawStep, { type: "env" }>): EnvExecStep | EnvSourceStep {
  const { cmd } = raw;
  const sensitive = raw.sensitive ?? false;
  if (raw.method === "source") return { type: "env", method: "source", cmd, sensitive };
  return {
    type: "env",
    method: "exec",
    name: raw.name,
    cmd,
    sensitive,
    trimTrailingNewlines: raw.trim_trailing_newlines ?? true,
  };
}

function completeFormat(raw: Extract<RawStep, { type: "run" }>["format"]): OutputFormat {
  if (raw === undefined || raw === null) return { type: "code" };
  if (typeof raw === "string") return { type: raw };
  return { type: "code", ...given("lang", raw.lang) };
}

function completeGate(raw: RawGate): Gate {
  return {
    allOf: completeMatches(raw.all_of),
    anyOf: completeMatches(raw.any_of),
    anyOfCount: raw.any_of_count ?? 1,
    ...given("name", raw.name),
    ...given("token", raw.token),
  };
}
