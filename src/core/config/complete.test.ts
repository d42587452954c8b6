import { expect, test } from "vitest";
import { completeConfig } from "./complete.ts";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse.ts";

const ANYONE = [{ kind: "anyone" }];
const NO_HOOKS = { pre: [], post: [] };
const EVERYTHING = { root: null, text: "" };

const DEFAULTS = {
  accessControl: {
    applyRequireAllDirspaceAccess: true,
    ciConfigUpdate: ANYONE,
    configUpdate: ANYONE,
    enabled: false,
    files: {},
    planRequireAllDirspaceAccess: false,
    policies: [
      {
        apply: ANYONE,
        applyAutoapprove: [],
        applyForce: [],
        applyWithSuperapproval: [],
        plan: ANYONE,
        superapproval: [],
        tagQuery: EVERYTHING,
      },
    ],
    unlock: ANYONE,
  },
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
  batchRuns: { enabled: false, maxWorkspacesPerBatch: 1 },
  checkoutStrategy: "merge",
  configBuilder: { enabled: false },
  costEstimation: { currency: "USD", enabled: true, provider: "infracost" },
  createAndSelectWorkspace: true,
  defaultBranchOverrides: ["access_control", "apply_requirements", "destination_branches"],
  destinationBranches: [],
  dirs: [],
  drift: { enabled: false, schedules: [] },
  enabled: true,
  engine: {
    collectOutputs: true,
    name: "terraform",
  },
  hooks: { all: NO_HOOKS, apply: NO_HOOKS, plan: NO_HOOKS },
  indexer: { enabled: false },
  integrations: { resourcely: { enabled: false, extraArgs: [] } },
  notifications: {
    policies: [],
    summary: { enabled: false },
    dirspaceChecks: { enabled: false, max: 20 },
    statuses: { enabled: false, name: "terrane" },
    labels: { enabled: false },
  },
  parallelRuns: 3,
  stacks: [],
  storage: { plans: { method: "server" } },
  tags: {
    branch: {},
    destBranch: {},
  },
  treeBuilder: { enabled: false },
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

test("rules that somebody wrote are enforced unless they say otherwise", () => {
  const enabled = (text: string) => complete(text).accessControl.enabled;
  expect(enabled("access_control: null")).toBe(false);
  expect(enabled("access_control: {unlock: []}")).toBe(true);
  expect(enabled("access_control: {enabled: false, unlock: []}")).toBe(false);
});

test("access control has its defaults per policy, and an empty list is nobody", () => {
  const { accessControl } = complete(`
access_control:
  terrateam_config_update: ["team:platform"]
  files: {a/b.tf: ["user:ann"]}
  policies:
    - {tag_query: prod, apply: [], apply_force: ["role:admin"], superapproval: null}
`);
  expect(accessControl).toMatchObject({
    configUpdate: [{ kind: "team", slug: "platform" }],
    files: { "a/b.tf": [{ kind: "user", login: "ann" }] },
    policies: [
      {
        tagQuery: { text: "prod" },
        plan: ANYONE,
        apply: [],
        applyForce: [{ kind: "role", role: "admin" }],
        superapproval: [],
      },
    ],
  });
});

test("a schedule is a word or a cron expression, by the clock of its zone", () => {
  const { drift } = complete(`
drift:
  enabled: true
  schedules:
    nightly:
      schedule: 30 2 * * MON-FRI
      time_zone: Europe/Paris
      tag_query: prod
      window: {start: "10:30 pm CET", end: "06:00 Europe/Paris"}
    often: {schedule: hourly, tag_query: "", reconcile: true}
`);
  expect(drift.schedules).toMatchObject([
    {
      name: "nightly",
      schedule: { kind: "cron", expression: "30 2 * * MON-FRI", timeZone: "Europe/Paris" },
      reconcile: false,
      window: {
        start: {
          minuteOfDay: 1350,
          timeZone: { kind: "offset", abbreviation: "CET", minutes: 60 },
        },
        end: { minuteOfDay: 360, timeZone: { kind: "iana", name: "Europe/Paris" } },
      },
    },
    {
      name: "often",
      schedule: { kind: "every", unit: "hour", timeZone: "UTC" },
      reconcile: true,
    },
  ]);
  expect(drift.schedules[1]).not.toHaveProperty("window");
});

test("a stack is of dirspaces or of stacks, and an empty rule is kept apart from none", () => {
  const { stacks } = complete(`
stacks:
  names:
    net: {tag_query: net, variables: {region: eu}}
    all: {stacks: [net], rules: {plan_after: [], auto_apply: false, apply_after: null}}
`);
  expect(stacks).toEqual([
    {
      kind: "leaf",
      name: "net",
      variables: { region: "eu" },
      rules: {},
      tagQuery: expect.objectContaining({ text: "net" }),
    },
    {
      kind: "nested",
      name: "all",
      variables: {},
      rules: { planAfter: [], autoApply: false },
      stacks: ["net"],
    },
  ]);
});

test.each([
  ["{method: terrateam}", { method: "server" }],
  ["{method: server}", { method: "server" }],
  ["{method: cmd, store: [a], fetch: [b]}", { method: "cmd", store: ["a"], fetch: ["b"] }],
  [
    "{method: s3, bucket: a, region: b}",
    {
      method: "s3",
      bucket: "a",
      region: "b",
      deleteUsedPlans: true,
      storeExtraArgs: [],
      fetchExtraArgs: [],
      deleteExtraArgs: [],
    },
  ],
])("plans are stored by %s", (text, expected) => {
  expect(complete(`storage: {plans: ${text}}`).storage.plans).toEqual(expected);
});

test("a workflow inherits the integrations of the repository", () => {
  const { workflows } = complete(`
integrations: {resourcely: {enabled: true, extra_args: [-x]}}
workflows:
  - {tag_query: a}
  - {tag_query: b, integrations: {resourcely: {enabled: false}}}
`);
  expect(workflows.map((one) => one.integrations.resourcely)).toEqual([
    { enabled: true, extraArgs: ["-x"] },
    { enabled: false, extraArgs: [] },
  ]);
});

test("a completed configuration is plain data", () => {
  const config = complete("dirs: {a: {when_modified: {depends_on: 'a b or c'}}}");
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
});

test.each([
  ["parallel_runs: 1000", 64, 1],
  ["parallel_runs: 0", 1, 1],
  ["parallel_runs: -1", 1, 1],
  ["batch_runs: {max_workspaces_per_batch: 0}", 3, 1],
  ["batch_runs: {max_workspaces_per_batch: -5}", 3, 1],
  ["batch_runs: {max_workspaces_per_batch: 7}", 3, 7],
])("counts beyond their limits count as the limit: %s", (text, parallel, batch) => {
  const { parallelRuns, batchRuns } = complete(text);
  expect([parallelRuns, batchRuns.maxWorkspacesPerBatch]).toEqual([parallel, batch]);
});

function complete(text: string): Config {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  return completeConfig(raw);
}
