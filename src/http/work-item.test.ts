import { expect, test } from "vitest";
import { WorkItem } from "../contract/work.ts";
import type { Engine } from "../core/config/engine.ts";
import type { Step } from "../core/config/step.ts";
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
      workflow: { plan: steps, apply: steps, engine },
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
  { name: "terragrunt", tfCmd: "terraform", collectOutputs: true },
  { name: "cdktf", tfCmd: "terraform", tfVersion: "1", collectOutputs: true },
  { name: "stategraph", tfCmd: "terraform", collectOutputs: true },
  { name: "pulumi" },
  { name: "fly", configFile: "fly.toml" },
  { name: "custom" },
];

test.each(FOREIGN)("an engine the runner cannot run is refused for its unit: $name", (engine) => {
  const [unit] = WorkItem.parse(item([], engine)).units;
  expect(unit?.unsupported).toContain(engine.name);
});

const GATE = { env: {}, runOn: "success" } as const;
const POLICY = {
  type: "policy",
  ...GATE,
  extraArgs: [],
  ignoreErrors: false,
  visibleOn: "failure",
} as const;

const UNKNOWN_STEPS: readonly (readonly [string, Step])[] = [
  [
    "oidc",
    {
      type: "oidc",
      provider: "azure",
      clientId: "c",
      tenantId: "t",
      audience: "api://AzureADTokenExchange",
    },
  ],
  ["checkov", { ...POLICY, tool: "checkov" }],
  ["conftest", { ...POLICY, tool: "conftest" }],
  ["opa", { ...POLICY, tool: "opa", failOn: "undefined" }],
  ["gates", { type: "gates", cmd: ["a"], ...GATE }],
  ["slack", { type: "slack", message: "m", runOn: "success" }],
];

test.each(UNKNOWN_STEPS)(
  "a step the runner does not know refuses the whole unit, so that no check is skipped: %s",
  (name, step) => {
    const init: Step = { type: "init", env: {}, extraArgs: [] };
    const [unit] = WorkItem.parse(item([init, step])).units;
    expect(unit?.steps).toEqual([]);
    expect(unit?.unsupported).toContain(name);
  },
);

test("an engine's version and replaced binary travel along", () => {
  const engine: Engine = {
    name: "tofu",
    version: "1.9.0",
    overrideTfCmd: "./tofu.sh",
    collectOutputs: false,
  };
  const [unit] = WorkItem.parse(item([], engine)).units;
  expect(unit?.engine).toEqual({ name: "tofu", version: "1.9.0", command: "./tofu.sh" });
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
