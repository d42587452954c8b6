import { expect, test } from "vitest";
import { completeConfig } from "./complete.ts";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse.ts";

const DEFAULTS = {
  applyRequirements: {
    checks: [
      {
        applyAfterMerge: {
          enabled: false,
        },
        approved: {
          allOf: [],
          anyOf: [],
          anyOfCount: 1,
          enabled: false,
          requireCompletedReviews: false,
        },
        mergeConflicts: {
          enabled: true,
        },
        requireReadyForReviewPr: true,
        statusChecks: {
          enabled: true,
          ignoreMatching: [],
        },
        tagQuery: {
          root: null,
          text: "",
        },
      },
    ],
    createCompletedApplyCheckOnNoop: false,
    createPendingApplyCheck: true,
  },
  automerge: {
    deleteBranch: false,
    enabled: false,
    mergeStrategy: "auto",
    requireExplicitApply: false,
    retainPrTitle: false,
  },
  createAndSelectWorkspace: true,
  defaultBranchOverrides: ["access_control", "apply_requirements", "destination_branches"],
  destinationBranches: [],
  dirs: [],
  enabled: true,
  engine: {
    collectOutputs: true,
    name: "terraform",
  },
  parallelRuns: 3,
  tags: {
    branch: {},
    destBranch: {},
  },
  whenModified: {
    autoapply: false,
    autoplan: true,
    autoplanDraftPr: true,
    dependsOn: null,
    filePatterns: ["**/*.tf", "**/*.tfvars"],
  },
  workflows: [],
};

test("an empty file has the defaults of the language", () => {
  expect(complete("")).toEqual(DEFAULTS);
});

/** Engine as written, as completed. */
test.each([
  ["{name: terraform}", { name: "terraform", collectOutputs: true }],
  [
    '{name: tofu, version: "1.9", override_tf_cmd: x, outputs: {collect: false}}',
    { name: "tofu", version: "1.9", overrideTfCmd: "x", collectOutputs: false },
  ],
  ["{name: terragrunt}", { name: "terragrunt", tfCmd: "terraform", collectOutputs: true }],
  [
    "{name: terragrunt, version: a, tf_cmd: tofu, tf_version: b}",
    { name: "terragrunt", version: "a", tfCmd: "tofu", tfVersion: "b", collectOutputs: true },
  ],
  [
    "{name: cdktf}",
    { name: "cdktf", tfCmd: "terraform", tfVersion: "latest", collectOutputs: true },
  ],
  [
    "{name: stategraph, tf_version: b}",
    { name: "stategraph", tfCmd: "terraform", tfVersion: "b", collectOutputs: true },
  ],
  ["{name: pulumi}", { name: "pulumi" }],
  ["{name: fly, config_file: fly.yml}", { name: "fly", configFile: "fly.yml" }],
  [
    "{name: custom, init: [a], plan: [b, c], unsafe_apply: [d], outputs: [e]}",
    { name: "custom", init: ["a"], plan: ["b", "c"], unsafeApply: ["d"], outputs: ["e"] },
  ],
])("engine %s", (text, expected) => {
  expect(complete(`engine: ${text}`).engine).toEqual(expected);
});

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
    "{type: conftest, gate: {}}",
    { type: "unsupported", name: "conftest", options: { type: "conftest", gate: {} } },
  ],
])("step %s", (text, expected) => {
  const { workflows } = complete(`workflows: [{tag_query: "", plan: [${text}]}]`);
  expect(workflows[0]?.plan).toEqual([expected]);
});

test("a workflow inherits the global engine and the default list of the phase it leaves out", () => {
  const config = complete(
    "engine: {name: tofu}\nworkflows: [{tag_query: a, plan: [], runs_on: [x], environment: null}]",
  );
  expect(config.workflows[0]).toMatchObject({
    tagQuery: { text: "a" },
    plan: [],
    apply: [{ type: "init" }, { type: "apply" }],
    engine: { name: "tofu" },
    runsOn: ["x"],
    lockPolicy: "strict",
  });
  expect(config.workflows[0]).not.toHaveProperty("environment");
});

test("a directory says only what it says; the rest is inherited later", () => {
  const { dirs } = complete(`
dirs:
  a:
    when_modified: {autoplan: false, autoapply: null, depends_on: ""}
    workspaces: {x: {when_modified: {depends_on: "dir:b"}}, y: null}
  b: null
`);
  expect(dirs).toMatchObject([
    {
      key: "a",
      whenModified: { autoplan: false, dependsOn: null },
      workspaces: [
        { name: "x", tagKey: "workspace", whenModified: { dependsOn: { pruneOnNoChange: false } } },
        { name: "y", whenModified: {} },
      ],
    },
    { key: "b", whenModified: {}, workspaces: [{ name: "default" }] },
  ]);
  expect(dirs[0]?.whenModified).not.toHaveProperty("autoapply");
});

test("an empty depends_on is none, an empty query in it is everything (§14 no. 7)", () => {
  const dependsOn = (text: string) =>
    complete(`when_modified: {depends_on: ${text}}`).whenModified.dependsOn;
  expect(dependsOn('""')).toBeNull();
  expect(dependsOn('{tag_query: ""}')).toMatchObject({ query: { root: null } });
  expect(dependsOn("{tag_query: a, prune_on_no_change: true}")).toMatchObject({
    pruneOnNoChange: true,
  });
});

test("apply requirements have their defaults per check", () => {
  const { applyRequirements } = complete(`
apply_requirements:
  create_pending_apply_check: false
  checks:
    - tag_query: prod
      approved: {enabled: true, any_of: ["team:sre", "*"], any_of_count: 2}
      status_checks: {ignore_matching: ["^ci/(x"]}
`);
  expect(applyRequirements).toMatchObject({
    createPendingApplyCheck: false,
    checks: [
      {
        tagQuery: { text: "prod" },
        approved: {
          enabled: true,
          allOf: [],
          anyOf: [{ kind: "team", slug: "sre" }, { kind: "anyone" }],
          anyOfCount: 2,
        },
        mergeConflicts: { enabled: true },
        statusChecks: { enabled: true, ignoreMatching: ["^ci/(x"] },
        applyAfterMerge: { enabled: false },
        requireReadyForReviewPr: true,
      },
    ],
  });
});

test("a completed configuration is plain data", () => {
  const config = complete("dirs: {a: {when_modified: {depends_on: 'a b or c'}}}");
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
});

test("more parallel runs than a machine can take are as many as it can", () => {
  expect(complete("parallel_runs: 1000").parallelRuns).toBe(64);
});

function complete(text: string): Config {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  return completeConfig(raw);
}
