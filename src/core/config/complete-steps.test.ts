import { expect, test } from "vitest";
import { configOf } from "../../../test/support/change.ts";

const POLICY = {
  type: "policy",
  env: {},
  extraArgs: [],
  ignoreErrors: false,
  runOn: "success",
  visibleOn: "failure",
};

/** Step as written, as completed. */
test.each([
  ["{type: init, extra_args: [-x]}", { type: "init", env: {}, extraArgs: ["-x"] }],
  [
    "{type: plan, mode: fast-and-loose, env: {A: b}}",
    { type: "plan", env: { A: "b" }, extraArgs: [], mode: "fast-and-loose" },
  ],
  [
    "{type: apply, retry: {enabled: true, backoff: 2}}",
    {
      type: "apply",
      env: {},
      extraArgs: [],
      retry: { enabled: true, tries: 3, initialSleepSeconds: 5, backoff: 2 },
    },
  ],
  [
    "{type: run, cmd: [a]}",
    {
      type: "run",
      cmd: ["a"],
      env: {},
      captureOutput: true,
      format: { type: "code" },
      ignoreErrors: false,
      onError: [],
      runOn: "success",
      visibleOn: "failure",
    },
  ],
  [
    '{type: run, cmd: [a], format: {type: code, lang: json}, on_error: [{type: gate, all_of: ["repo:write"]}]}',
    {
      type: "run",
      cmd: ["a"],
      env: {},
      captureOutput: true,
      format: { type: "code", lang: "json" },
      ignoreErrors: true,
      onError: [{ allOf: [{ kind: "role", role: "write" }], anyOf: [], anyOfCount: 1 }],
      runOn: "success",
      visibleOn: "failure",
    },
  ],
  [
    "{type: env, method: exec, name: A, cmd: [a]}",
    {
      type: "env",
      method: "exec",
      name: "A",
      cmd: ["a"],
      sensitive: false,
      trimTrailingNewlines: true,
    },
  ],
  [
    "{type: env, method: source, cmd: [a], sensitive: true}",
    { type: "env", method: "source", cmd: ["a"], sensitive: true },
  ],
  [
    "{type: conftest, gate: {any_of: ['team:sec'], token: t}}",
    {
      ...POLICY,
      tool: "conftest",
      gate: { allOf: [], anyOf: [{ kind: "team", slug: "sec" }], anyOfCount: 1, token: "t" },
      ignoreErrors: true,
    },
  ],
  ["{type: checkov}", { ...POLICY, tool: "checkov", extraArgs: ["--quiet", "--compact"] }],
  ["{type: checkov, extra_args: []}", { ...POLICY, tool: "checkov" }],
  ["{type: opa}", { ...POLICY, tool: "opa", failOn: "undefined" }],
  [
    "{type: oidc, role_arn: r}",
    {
      type: "oidc",
      provider: "aws",
      roleArn: "r",
      assumeRoleEnabled: true,
      audience: "sts.amazonaws.com",
      durationSeconds: 3600,
      region: "us-east-1",
      sessionName: "terrateam",
    },
  ],
  [
    "{type: oidc, provider: gcp, service_account: s, workload_identity_provider: w}",
    {
      type: "oidc",
      provider: "gcp",
      serviceAccount: "s",
      workloadIdentityProvider: "w",
      accessTokenLifetimeSeconds: 3600,
    },
  ],
  [
    "{type: oidc, provider: azure, client_id: c, tenant_id: t}",
    {
      type: "oidc",
      provider: "azure",
      clientId: "c",
      tenantId: "t",
      audience: "api://AzureADTokenExchange",
    },
  ],
  [
    "{type: gates, cmd: [a], run_on: always}",
    { type: "gates", cmd: ["a"], env: {}, runOn: "always" },
  ],
  ["{type: slack, msg: hi}", { type: "slack", message: "hi", runOn: "success" }],
  [
    "{type: webhook, url: 'https://a.example', headers: {x-a: b}, body: hi}",
    {
      type: "webhook",
      url: "https://a.example",
      headers: { "x-a": "b" },
      body: "hi",
      runOn: "success",
    },
  ],
  [
    "{type: webhook, url: $HOOK, run_on: failure}",
    { type: "webhook", url: "$HOOK", headers: {}, runOn: "failure" },
  ],
])("step %s", (text, expected) => {
  const { workflows } = configOf(`workflows: [{tag_query: "", plan: [${text}]}]`);
  expect(workflows[0]?.plan).toEqual([expected]);
});

test("hooks have the steps that neither plan nor apply", () => {
  const { hooks } = configOf(
    "hooks: {all: {post: [{type: drift_create_issue}, {type: env, method: source, cmd: [a]}]}}",
  );
  expect(hooks).toMatchObject({
    all: {
      pre: [],
      post: [
        { type: "drift_create_issue", groupBy: "all" },
        { type: "env", method: "source" },
      ],
    },
    plan: { pre: [], post: [] },
  });
});
