import fc from "fast-check";
import type { RawHook, RawStep } from "../../src/core/config/schema/steps.ts";
import {
  argv,
  bool,
  count,
  env,
  matchList,
  maybe,
  some,
  text,
  word,
} from "./config-arbitrary-words.ts";

const runOn = fc.constantFrom("success" as const, "failure" as const, "always" as const);
const seconds = fc.constantFrom(0, 0.5, 30);

const gate = { all_of: matchList, any_of: matchList, any_of_count: count, name: text, token: text };
const errorGate = some({ type: fc.constant("gate" as const) }, gate);
const policyGate = maybe({ type: fc.constant("gate" as const), ...gate });

const type = <Name extends string>(name: Name) => ({ type: fc.constant(name) });

const run = some(
  { ...type("run"), cmd: argv },
  {
    capture_output: bool,
    env,
    format: fc.oneof(
      fc.constantFrom("code" as const, "raw" as const, "markdown" as const),
      some(type("code"), { lang: text }),
    ),
    ignore_errors: bool,
    on_error: fc.array(errorGate, { maxLength: 2 }),
    run_on: runOn,
    visible_on: runOn,
  },
);

const envStep = fc.oneof(
  some(
    { ...type("env"), method: fc.constant("exec" as const), name: word, cmd: argv },
    { sensitive: bool, trim_trailing_newlines: bool },
  ),
  some({ ...type("env"), method: fc.constant("source" as const), cmd: argv }, { sensitive: bool }),
);

const oidc = fc.oneof(
  some(
    { ...type("oidc"), role_arn: word },
    {
      provider: fc.constant("aws" as const),
      assume_role_arn: word,
      assume_role_enabled: bool,
      audience: word,
      duration: fc.constantFrom(900, 43_200),
      region: word,
      session_name: word,
    },
  ),
  some(
    {
      ...type("oidc"),
      provider: fc.constant("gcp" as const),
      service_account: word,
      workload_identity_provider: word,
    },
    {
      access_token_lifetime: count,
      access_token_subject: word,
      audience: word,
      project_id: word,
    },
  ),
  some(
    {
      ...type("oidc"),
      provider: fc.constant("azure" as const),
      client_id: word,
      tenant_id: word,
    },
    { subscription_id: word, audience: word },
  ),
);

const policy = {
  env,
  extra_args: argv,
  gate: policyGate,
  ignore_errors: bool,
  run_on: runOn,
  visible_on: runOn,
};

const gates = some({ ...type("gates"), cmd: argv }, { env, run_on: runOn });
const slack = some({ ...type("slack"), msg: word }, { run_on: runOn });

const address = fc.constantFrom("https://example.com/hook", "$HOOK");
const webhook = some(
  { ...type("webhook"), url: address },
  {
    headers: fc.dictionary(fc.constantFrom("x-one", "Authorization"), text, { maxKeys: 2 }),
    body: text,
    run_on: runOn,
  },
);

/** Every step of a workflow with every option. */
export const step: fc.Arbitrary<RawStep> = fc.oneof(
  some(type("init"), { env, extra_args: argv }),
  some(type("plan"), {
    env,
    extra_args: argv,
    mode: fc.constantFrom("strict" as const, "fast-and-loose" as const),
  }),
  some(type("apply"), {
    env,
    extra_args: argv,
    retry: maybe({ enabled: bool, tries: count, initial_sleep: seconds, backoff: seconds }),
  }),
  run,
  envStep,
  oidc,
  some(type("checkov"), policy),
  some(type("conftest"), policy),
  some(type("opa"), {
    ...policy,
    fail_on: fc.constantFrom("defined" as const, "undefined" as const),
  }),
  gates,
  slack,
  webhook,
);

/** Every hook with every option. */
export const hook: fc.Arbitrary<RawHook> = fc.oneof(
  run,
  envStep,
  oidc,
  some(type("drift_create_issue"), {
    group_by: fc.constantFrom("all" as const, "dirspace" as const),
  }),
  gates,
  slack,
  webhook,
);
