import { unreachable } from "../../base/unreachable.ts";
import { given } from "./complete-engine.ts";
import { completeMatches } from "./complete-query.ts";
import type { Hook, HookLists, Hooks } from "./hook.ts";
import type { RawGate } from "./schema/gate.ts";
import type { RawHooks } from "./schema/hooks.ts";
import type { RawOidc } from "./schema/oidc.ts";
import type { RawHook, RawStep } from "./schema/steps.ts";
import type {
  ApplyStep,
  EnvExecStep,
  EnvSourceStep,
  Gate,
  OidcStep,
  OutputFormat,
  PolicyStep,
  RunStep,
  Step,
} from "./step.ts";

type Raw<Type extends string> = Extract<RawStep, { type: Type }>;
type RawPolicy = Raw<"checkov" | "conftest" | "opa">;

const CHECKOV_ARGS: readonly string[] = ["--quiet", "--compact"];

/** How an apply is tried again where `retry` is enabled and says no more. */
const RETRY = { enabled: false, tries: 3, initialSleepSeconds: 5, backoff: 1.5 };

export function completeStep(raw: RawStep): Step {
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
      return completeApply(raw);
    case "checkov":
    case "conftest":
    case "opa":
      return completePolicy(raw);
    default:
      return completeShared(raw);
  }
}

export function completeHooks(raw: RawHooks | null | undefined): Hooks {
  return {
    all: completeHookLists(raw?.all),
    plan: completeHookLists(raw?.plan),
    apply: completeHookLists(raw?.apply),
  };
}

function completeHookLists(raw: RawHooks["all"]): HookLists {
  return {
    pre: (raw?.pre ?? []).map(completeHook),
    post: (raw?.post ?? []).map(completeHook),
  };
}

function completeHook(raw: RawHook): Hook {
  if (raw.type !== "drift_create_issue") return completeShared(raw);
  return { type: "drift_create_issue", groupBy: raw.group_by ?? "all" };
}

/** What may stand in a workflow and in a hook. */
function completeShared(
  raw: Exclude<RawHook, { type: "drift_create_issue" }>,
): Exclude<Hook, { type: "drift_create_issue" }> {
  switch (raw.type) {
    case "run":
      return completeRun(raw);
    case "env":
      return completeEnv(raw);
    case "oidc":
      return completeOidc(raw);
    case "gates":
      return {
        type: "gates",
        cmd: raw.cmd,
        env: raw.env ?? {},
        runOn: raw.run_on ?? "success",
      };
    case "slack":
      return { type: "slack", message: raw.msg, runOn: raw.run_on ?? "success" };
    case "webhook":
      return {
        type: "webhook",
        url: raw.url,
        headers: raw.headers ?? {},
        ...given("body", raw.body),
        runOn: raw.run_on ?? "success",
      };
    default:
      return unreachable(raw);
  }
}

function completeApply(raw: Raw<"apply">): ApplyStep {
  return {
    type: "apply",
    env: raw.env ?? {},
    extraArgs: raw.extra_args ?? [],
    retry: {
      enabled: raw.retry?.enabled ?? RETRY.enabled,
      tries: raw.retry?.tries ?? RETRY.tries,
      initialSleepSeconds: raw.retry?.initial_sleep ?? RETRY.initialSleepSeconds,
      backoff: raw.retry?.backoff ?? RETRY.backoff,
    },
  };
}

function completeRun(raw: Raw<"run">): RunStep {
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

function completeFormat(raw: Raw<"run">["format"]): OutputFormat {
  if (raw === undefined || raw === null) return { type: "code" };
  if (typeof raw === "string") return { type: raw };
  return { type: "code", ...given("lang", raw.lang) };
}

function completeEnv(raw: Raw<"env">): EnvExecStep | EnvSourceStep {
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

function completePolicy(raw: RawPolicy): PolicyStep {
  const gate = raw.gate === undefined || raw.gate === null ? undefined : completeGate(raw.gate);
  return {
    type: "policy",
    tool: raw.type,
    env: raw.env ?? {},
    extraArgs: raw.extra_args ?? (raw.type === "checkov" ? CHECKOV_ARGS : []),
    ...given("gate", gate),
    // People decide about the failure, whatever `ignore_errors` says.
    ignoreErrors: gate !== undefined || (raw.ignore_errors ?? false),
    runOn: raw.run_on ?? "success",
    visibleOn: raw.visible_on ?? "failure",
    ...(raw.type === "opa" ? { failOn: raw.fail_on ?? "undefined" } : {}),
  };
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

function completeOidc(raw: RawOidc): OidcStep {
  switch (raw.provider) {
    case "gcp":
      return {
        type: "oidc",
        provider: "gcp",
        serviceAccount: raw.service_account,
        workloadIdentityProvider: raw.workload_identity_provider,
        accessTokenLifetimeSeconds: raw.access_token_lifetime ?? 3600,
        ...given("accessTokenSubject", raw.access_token_subject),
        ...given("audience", raw.audience),
        ...given("projectId", raw.project_id),
      };
    case "azure":
      return {
        type: "oidc",
        provider: "azure",
        clientId: raw.client_id,
        tenantId: raw.tenant_id,
        ...given("subscriptionId", raw.subscription_id),
        audience: raw.audience ?? "api://AzureADTokenExchange",
      };
    default:
      return {
        type: "oidc",
        provider: "aws",
        roleArn: raw.role_arn,
        ...given("assumeRoleArn", raw.assume_role_arn),
        assumeRoleEnabled: raw.assume_role_enabled ?? true,
        audience: raw.audience ?? "sts.amazonaws.com",
        durationSeconds: raw.duration ?? 3600,
        region: raw.region ?? "us-east-1",
        // Trust policies of today's users may check this name: the same file keeps its meaning.
        sessionName: raw.session_name ?? "terrateam",
      };
  }
}
