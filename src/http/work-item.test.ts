import { expect, test } from "vitest";
import { WorkItem } from "../contract/work.ts";
import type { Engine } from "../core/config/engine.ts";
import type { Gate, Step } from "../core/config/step.ts";
import type { NewUnit } from "../core/decision.ts";
import type { ClaimedRun } from "../ports/runner-store.ts";
import { workItem } from "./work-item.ts";

const HEAD = "a".repeat(40);
const BASE = "b".repeat(40);
const DIGEST = "c".repeat(64);
const TERRAFORM: Engine = { name: "terraform", collectOutputs: true };
const NO_RETRY = { enabled: false, tries: 3, initialSleepSeconds: 5, backoff: 1.5 };

function item(
  steps: readonly Step[],
  engine: Engine = TERRAFORM,
  run: Partial<ClaimedRun> = {},
  resourcely = false,
): WorkItem {
  const unit = {
    dirspace: "net:default",
    affected: {
      dirspace: { dir: "net", workspace: "default" },
      createAndSelectWorkspace: true,
      stack: {
        name: "prod",
        applyAfter: [],
        variables: { region: "eu", "not a name": "x", nul: "a\0b" },
      },
      workflow: {
        plan: steps,
        apply: steps,
        engine,
        integrations: { resourcely: { enabled: resourcely, extraArgs: [] } },
      },
    },
    after: ["a:b/c:prod"],
    plan: { runId: "r", digest: DIGEST },
  } as unknown as NewUnit;
  const claimed = {
    runId: "run-1",
    attempt: "attempt-1",
    kind: "plan",
    headSha: HEAD,
    baseSha: BASE,
    checkout: "merged",
    prepares: [],
    parallel: 3,
    pullRequest: { number: 7, repository: { ref: { fullName: "acme/infra" } } },
    headRef: "feature",
    baseRef: "main",
    units: [unit],
    ...run,
  } as unknown as ClaimedRun;
  return workItem({
    run: claimed,
    sealKey: new Uint8Array(32).fill(7),
    cloneUrl: undefined,
    heartbeatSeconds: 5,
    dashboardUrl: "http://127.0.0.1/repositories/x/pulls/7",
  });
}

const STEPS: readonly [string, Step, object][] = [
  [
    "init",
    { type: "init", env: { A: "1" }, extraArgs: ["-upgrade"] },
    { type: "init", env: { A: "1" }, extraArgs: ["-upgrade"] },
  ],
  [
    "plan",
    { type: "plan", env: {}, extraArgs: [], mode: "fast-and-loose" },
    { type: "plan", env: {}, extraArgs: [], mode: "fast-and-loose" },
  ],
  [
    "apply without retry",
    { type: "apply", env: {}, extraArgs: [], retry: NO_RETRY },
    { type: "apply", env: {}, extraArgs: [], retry: null },
  ],
  [
    "apply with retry",
    { type: "apply", env: {}, extraArgs: [], retry: { ...NO_RETRY, enabled: true } },
    {
      type: "apply",
      env: {},
      extraArgs: [],
      retry: { tries: 3, initialSleepSeconds: 5, backoff: 1.5 },
    },
  ],
  [
    "run",
    {
      type: "run",
      cmd: ["make", "check"],
      env: {},
      captureOutput: true,
      format: { type: "raw" },
      ignoreErrors: false,
      onError: [],
      runOn: "always",
      visibleOn: "failure",
    },
    {
      type: "run",
      cmd: ["make", "check"],
      env: {},
      captureOutput: true,
      ignoreErrors: false,
      runOn: "always",
      visibleOn: "failure",
      format: { type: "raw" },
      gates: [],
    },
  ],
  [
    "env from a program",
    {
      type: "env",
      method: "exec",
      name: "TOKEN",
      cmd: ["get"],
      sensitive: true,
      trimTrailingNewlines: true,
    },
    {
      type: "env",
      method: "exec",
      name: "TOKEN",
      cmd: ["get"],
      sensitive: true,
      trimTrailingNewlines: true,
    },
  ],
  [
    "env from a script",
    { type: "env", method: "source", cmd: ["env.sh"], sensitive: false },
    {
      type: "env",
      method: "source",
      name: null,
      cmd: ["env.sh"],
      sensitive: false,
      trimTrailingNewlines: false,
    },
  ],
];

test.each(STEPS)("a step travels as configured: %s", (_name, step, wanted) => {
  const { units } = WorkItem.parse(item([step]));
  expect(units[0]?.steps).toEqual([wanted]);
  expect(units[0]?.unsupported).toBeUndefined();
});

const FOREIGN: readonly Engine[] = [
  { name: "stategraph", tfCmd: "terraform", collectOutputs: true },
  { name: "fly", configFile: "fly.toml" },
];

test.each(FOREIGN)("an engine the runner cannot run is refused for its unit: $name", (engine) => {
  const [unit] = WorkItem.parse(item([], engine)).units;
  expect(unit?.unsupported).toContain(engine.name);
});

test("runner defect 13: a directory with resourcely is refused with what to do, and nothing runs", () => {
  const step = { type: "init", env: {}, extraArgs: [] } as const;
  const [unit] = WorkItem.parse(item([step], TERRAFORM, {}, true)).units;
  expect(unit?.unsupported).toContain("integrations: {resourcely: {enabled: false}}");
  expect(unit?.steps).toEqual([]);
});

const ENGINES: readonly (readonly [Engine, object])[] = [
  [
    { name: "terragrunt", version: "0.75.3", tfCmd: "tofu", collectOutputs: false },
    {
      name: "terragrunt",
      version: "0.75.3",
      command: null,
      tfCmd: "tofu",
      tfVersion: null,
      collectOutputs: false,
    },
  ],
  [
    { name: "cdktf", tfCmd: "terraform", tfVersion: "1.5.7", collectOutputs: true },
    {
      name: "cdktf",
      command: null,
      tfCmd: "terraform",
      tfVersion: "1.5.7",
      collectOutputs: true,
    },
  ],
  [{ name: "pulumi" }, { name: "pulumi" }],
  [
    { name: "custom", plan: ["make", "plan"] },
    {
      name: "custom",
      init: null,
      plan: ["make", "plan"],
      diff: null,
      apply: null,
      unsafeApply: null,
      outputs: null,
    },
  ],
];

test.each(ENGINES)("an engine travels as configured: $name", (engine, wanted) => {
  const [unit] = WorkItem.parse(item([], engine)).units;
  expect(unit?.engine).toEqual(wanted);
  expect(unit?.unsupported).toBeUndefined();
});

const GATE: Gate = { allOf: [{ kind: "team", slug: "sec" }], anyOf: [], anyOfCount: 1, token: "t" };
const TRAVELS = {
  token: "t",
  name: null,
  allOf: ["team:sec"],
  anyOf: [],
  anyOfCount: 1,
  addReviewers: false,
};

const CHECKS: readonly (readonly [string, Step, object])[] = [
  [
    "oidc of aws whose second role is switched off",
    {
      type: "oidc",
      provider: "aws",
      roleArn: "arn:1",
      assumeRoleArn: "arn:2",
      assumeRoleEnabled: false,
      audience: "sts.amazonaws.com",
      durationSeconds: 3600,
      region: "eu-west-1",
      sessionName: "terrane",
    },
    { provider: "aws", roleArn: "arn:1", assumeRoleArn: null, region: "eu-west-1" },
  ],
  [
    "oidc of gcp",
    {
      type: "oidc",
      provider: "gcp",
      serviceAccount: "a@b",
      workloadIdentityProvider: "p",
      accessTokenLifetimeSeconds: 60,
    },
    { provider: "gcp", serviceAccount: "a@b", accessTokenSubject: null, audience: null },
  ],
  [
    "a policy step with a gate",
    {
      type: "policy",
      tool: "opa",
      env: {},
      extraArgs: ["data.main"],
      gate: GATE,
      ignoreErrors: false,
      runOn: "success",
      visibleOn: "always",
      failOn: "defined",
    },
    { type: "policy", tool: "opa", gate: TRAVELS, failOn: "defined", visibleOn: "always" },
  ],
  [
    "a run step with gates",
    {
      type: "run",
      cmd: ["check"],
      env: {},
      captureOutput: false,
      format: { type: "code", lang: "json" },
      ignoreErrors: false,
      onError: [GATE],
      runOn: "success",
      visibleOn: "failure",
    },
    { type: "run", gates: [TRAVELS], format: { type: "code", lang: "json" } },
  ],
  [
    "gates",
    { type: "gates", cmd: ["a"], env: {}, runOn: "success" },
    { type: "gates", cmd: ["a"], env: {}, runOn: "success" },
  ],
  [
    "slack",
    { type: "slack", message: "m", runOn: "always" },
    { type: "slack", message: "m", runOn: "always" },
  ],
  [
    "a webhook",
    { type: "webhook", url: "$HOOK", headers: { "x-a": "b" }, runOn: "always" },
    {
      type: "webhook",
      url: "$HOOK",
      headers: { "x-a": "b" },
      body: null,
      runOn: "always",
    },
  ],
];

test.each(CHECKS)("a step travels whole: %s", (_name, step, wanted) => {
  const [unit] = WorkItem.parse(item([step])).units;
  expect(unit?.steps).toMatchObject([wanted]);
});

test("hooks and plan storage travel with their run", () => {
  const settings = {
    hooks: { pre: [{ type: "slack", message: "m", runOn: "always" }], post: [] },
    storage: { method: "cmd", store: ["put"], fetch: ["get"] },
    checkoutStrategy: "merge",
    costEstimation: { enabled: true, provider: "infracost", currency: "EUR" },
  } as const;
  const work = WorkItem.parse(item([], TERRAFORM, { settings }));
  expect(work.hooks).toEqual(settings.hooks);
  expect(work.cost).toEqual({ provider: "infracost", currency: "EUR" });
  const applied = WorkItem.parse(item([], TERRAFORM, { settings, kind: "apply" }));
  expect(applied.cost).toBeUndefined();
  expect(work.storage).toEqual({ ...settings.storage, delete: null });
});

test("with the checkout strategy `checkout` the head is checked out alone", () => {
  const settings = {
    hooks: { pre: [], post: [] },
    storage: { method: "server" },
    checkoutStrategy: "checkout",
  } as const;
  const work = WorkItem.parse(item([], TERRAFORM, { settings }));
  expect(work).toMatchObject({ headSha: HEAD, baseSha: HEAD, reviewedSha: HEAD });
});

test("an engine's version and replaced binary travel along", () => {
  const engine: Engine = {
    name: "tofu",
    version: "1.9.0",
    overrideTfCmd: "./tofu.sh",
    collectOutputs: false,
  };
  const [unit] = WorkItem.parse(item([], engine)).units;
  expect(unit?.engine).toEqual({
    name: "tofu",
    version: "1.9.0",
    command: "./tofu.sh",
    collectOutputs: false,
  });
});

test("predecessors are split at the last colon, because a workspace holds none", () => {
  expect(item([]).units[0]?.after).toEqual([{ dir: "a:b/c", workspace: "prod" }]);
});

test("after the merge the base alone is checked out, and the seal is of the head before it", () => {
  const work = WorkItem.parse(item([], TERRAFORM, { kind: "apply", checkout: "base" }));
  expect(work).toMatchObject({ headSha: BASE, baseSha: BASE, reviewedSha: HEAD });
  expect(work.units[0]).toMatchObject({ planDigest: DIGEST });
});

test("before the merge the head is checked out and merged with the base", () => {
  const work = WorkItem.parse(item([], TERRAFORM, { kind: "apply" }));
  expect(work).toMatchObject({ headSha: HEAD, baseSha: BASE, reviewedSha: HEAD });
});

test.each([
  [0, 1],
  [3, 3],
  [1_000, 64],
])("a run works on between 1 and 64 units at once: %i becomes %i", (parallel, wanted) => {
  expect(WorkItem.parse(item([], TERRAFORM, { parallel })).parallel).toBe(wanted);
});

test("a unit carries its stack, and of its variables those that an environment can have", () => {
  expect(item([]).units[0]?.stack).toEqual({ name: "prod", variables: { region: "eu" } });
});
