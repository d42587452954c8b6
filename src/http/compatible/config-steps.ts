import { unreachable } from "../../base/unreachable.ts";
import type { Engine } from "../../core/config/engine.ts";
import type { Hook } from "../../core/config/hook.ts";
import type { Json } from "../../core/config/json.ts";
import { printMatch } from "../../core/config/match.ts";
import type { Gate, OidcStep, OutputFormat, PolicyStep, Step } from "../../core/config/step.ts";
import { type Approved, isPassed } from "./approved.ts";

/** Steps and engines as the configuration language writes them, with every default said. */

type Written = { readonly [key: string]: Json };

/** A step for an existing runner; those that none of them knows are left out. */
export function writtenSteps(steps: readonly (Step | Hook)[], approved: Approved): Written[] {
  return steps.map((step) => writtenStep(step, approved)).filter((step) => step !== undefined);
}

function writtenStep(step: Step | Hook, approved: Approved): Written | undefined {
  switch (step.type) {
    case "init":
      return { type: "init", env: { ...step.env }, extra_args: [...step.extraArgs] };
    case "plan": {
      const { env, extraArgs, mode } = step;
      return { type: "plan", env: { ...env }, extra_args: [...extraArgs], mode };
    }
    case "apply": {
      const { enabled, tries, initialSleepSeconds, backoff } = step.retry;
      const retry = { enabled, tries, initial_sleep: initialSleepSeconds, backoff };
      return { type: "apply", env: { ...step.env }, extra_args: [...step.extraArgs], retry };
    }
    case "run": {
      const gates = step.onError.filter((gate) => isPassed(gate, approved));
      return {
        type: "run",
        cmd: [...step.cmd],
        env: { ...step.env },
        capture_output: step.captureOutput,
        format: writtenFormat(step.format),
        // With a gate a failure waits for an approval; said otherwise, such a runner fails the plan as well.
        ignore_errors:
          step.onError.length === 0 ? step.ignoreErrors : gates.length === step.onError.length,
        on_error: gates.map((gate) => ({ type: "gate", ...writtenGate(gate) })),
        run_on: step.runOn,
        visible_on: step.visibleOn,
      };
    }
    case "env": {
      const { cmd, method, sensitive } = step;
      const shared = { type: "env", method, cmd: [...cmd], sensitive };
      if (step.method === "source") return shared;
      return {
        ...shared,
        name: step.name,
        trim_trailing_newlines: step.trimTrailingNewlines,
      };
    }
    case "oidc":
      return writtenOidc(step);
    case "policy":
      return writtenPolicy(step, approved);
    case "gates":
      return { type: "gates", cmd: [...step.cmd], env: { ...step.env }, run_on: step.runOn };
    case "drift_create_issue":
      return { type: "drift_create_issue", group_by: step.groupBy };
    case "slack":
    case "webhook":
      return undefined;
    default:
      return unreachable(step);
  }
}

function writtenFormat(format: OutputFormat): Json {
  return format.type === "code" && format.lang !== undefined
    ? { type: "code", lang: format.lang }
    : format.type;
}

function writtenGate({ allOf, anyOf, anyOfCount, name, token }: Gate): Written {
  return {
    all_of: allOf.map(printMatch),
    any_of: anyOf.map(printMatch),
    any_of_count: anyOfCount,
    ...said({ name, token }),
  };
}

function writtenPolicy(step: PolicyStep, approved: Approved): Written {
  const gate = step.gate !== undefined && isPassed(step.gate, approved) ? step.gate : undefined;
  return {
    type: step.tool,
    env: { ...step.env },
    extra_args: [...step.extraArgs],
    ...(gate === undefined ? {} : { gate: { type: "gate", ...writtenGate(gate) } }),
    ignore_errors: step.ignoreErrors && (step.gate === undefined || gate !== undefined),
    run_on: step.runOn,
    visible_on: step.visibleOn,
    ...said({ fail_on: step.failOn }),
  };
}

function writtenOidc(step: OidcStep): Written {
  switch (step.provider) {
    case "aws":
      return {
        type: "oidc",
        provider: "aws",
        role_arn: step.roleArn,
        ...said({ assume_role_arn: step.assumeRoleArn }),
        assume_role_enabled: step.assumeRoleEnabled,
        audience: step.audience,
        duration: step.durationSeconds,
        region: step.region,
        session_name: step.sessionName,
      };
    case "gcp":
      return {
        type: "oidc",
        provider: "gcp",
        service_account: step.serviceAccount,
        workload_identity_provider: step.workloadIdentityProvider,
        access_token_lifetime: step.accessTokenLifetimeSeconds,
        ...said({
          access_token_subject: step.accessTokenSubject,
          audience: step.audience,
          project_id: step.projectId,
        }),
      };
    case "azure":
      return {
        type: "oidc",
        provider: "azure",
        client_id: step.clientId,
        tenant_id: step.tenantId,
        ...said({ subscription_id: step.subscriptionId }),
        audience: step.audience,
      };
    default:
      return unreachable(step);
  }
}

export function writtenEngine(engine: Engine): Written {
  switch (engine.name) {
    case "terraform":
    case "tofu":
      return { name: engine.name, ...said({ version: engine.version }), ...common(engine) };
    case "terragrunt":
    case "stategraph":
      return {
        name: engine.name,
        ...said({ version: engine.version, tf_version: engine.tfVersion }),
        tf_cmd: engine.tfCmd,
        ...common(engine),
      };
    case "cdktf":
      return {
        name: "cdktf",
        tf_cmd: engine.tfCmd,
        tf_version: engine.tfVersion,
        ...common(engine),
      };
    case "pulumi":
      return { name: "pulumi" };
    case "fly":
      return { name: "fly", config_file: engine.configFile };
    case "custom":
      return {
        name: "custom",
        ...said({
          init: engine.init,
          plan: engine.plan,
          diff: engine.diff,
          apply: engine.apply,
          unsafe_apply: engine.unsafeApply,
          outputs: engine.outputs,
        }),
      };
    default:
      return unreachable(engine);
  }
}

interface Common {
  readonly overrideTfCmd?: string;
  readonly collectOutputs: boolean;
}

function common({ overrideTfCmd, collectOutputs }: Common): Written {
  return { ...said({ override_tf_cmd: overrideTfCmd }), outputs: { collect: collectOutputs } };
}

/** Those that have a value. */
export function said(
  values: Readonly<Record<string, string | readonly string[] | undefined>>,
): Written {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, typeof value === "string" ? value : [...value]]],
    ),
  );
}
