import { expect, test } from "vitest";
import { locateConfig, parseConfig } from "./parse.ts";
import { TOP_LEVEL_KEYS } from "./schema/root.ts";

test.each([
  ["\n".repeat(3), {}],
  ["# nothing but a comment\n", {}],
  ["---\n", {}],
  ["dirs:\n  a:\n", { dirs: { a: null } }],
  ["environment: &e x\n".replace("environment", "definitions"), { definitions: "x" }],
  ["workflows: null\n", { workflows: null }],
  ["dirs: {123: {}}\n", { dirs: { "123": {} } }],
  ["dirs: {0x10: {}, true: {}}\n", { dirs: { "0x10": {}, true: {} } }],
])("%j is accepted", (text, raw) => {
  expect(parseConfig(text, "config.yml")).toEqual({ raw, diagnostics: [] });
});

test("anchors, aliases and merges work, and what is said itself wins", () => {
  const text = `
definitions:
  quiet: &quiet {autoplan: false, autoapply: true}
  draft: &draft {autoplan: true, autoplan_draft_pr: false}
dirs:
  a: {when_modified: *quiet}
  b:
    when_modified:
      <<: [*quiet, *draft]
      autoapply: false
`;
  expect(parseConfig(text, "config.yml").raw?.dirs).toEqual({
    a: { when_modified: { autoplan: false, autoapply: true } },
    b: { when_modified: { autoplan: false, autoapply: false, autoplan_draft_pr: false } },
  });
});

test("an error inside an anchor points at the anchor", () => {
  const text = "definitions:\n  x: &x {autoplann: true}\ndirs:\n  a: {when_modified: *x}\n";
  expect(parseConfig(text, "config.yml").diagnostics).toMatchObject([
    { line: 2, column: 10, path: "dirs.a.when_modified.autoplann", suggestion: "autoplan" },
  ]);
});

test("every key of the language is known", () => {
  for (const key of TOP_LEVEL_KEYS) {
    expect(parseConfig(`${key}: null\n`, "config.yml").raw).toBeDefined();
  }
});

/** What this version reads and does not carry out, and where it says so. */
test.each([
  ["drift: {enabled: true, schedules: {a: {schedule: daily, tag_query: ''}}}", "drift"],
  ["integrations: {resourcely: {enabled: true}}", "integrations"],
  [
    "workflows: [{tag_query: a, integrations: {resourcely: {enabled: true}}}]",
    "workflows[0].integrations",
  ],
])("%s is accepted, with one warning that it is not carried out yet", (text, path) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeDefined();
  expect(diagnostics).toMatchObject([{ severity: "warning", code: "unsupported", path }]);
});

test.each([
  "hooks: {all: {post: [{type: run, cmd: [a]}, {type: slack, msg: x}]}}",
  "hooks: {all: {pre: [{type: webhook, url: $HOOK}]}}",
  "workflows: [{tag_query: a, plan: [{type: oidc, role_arn: x}]}]",
  "hooks: {all: {post: [{type: gates, cmd: [x]}]}}",
  "workflows: [{tag_query: a, plan: [{type: opa, gate: {any_of: ['user:a']}}]}]",
  "workflows: [{tag_query: a, plan: [{type: run, cmd: [x], on_error: [{type: gate}]}]}]",
  "cost_estimation: {enabled: true}",
  "workflows: [{tag_query: a, apply: [{type: checkov}]}]",
  "workflows: [{tag_query: a, plan: [{type: conftest, ignore_errors: true}]}]",
  "drift: {enabled: false, schedules: {}}",
  "config_builder: {script: x}",
  "cost_estimation: {currency: EUR}",
  "cost_estimation: {enabled: false}",
  "integrations: {resourcely: {enabled: false}}",
  "storage: {plans: {method: terrateam}}",
  "storage: {plans: {method: terrane}}",
  "storage: {plans: {method: cmd, store: [a], fetch: [b]}}",
  "storage: {plans: {method: s3, bucket: a, region: b}}",
  "checkout_strategy: merge",
  "checkout_strategy: checkout",
  "notifications: {policies: [{tag_query: '', comment_strategy: minimize}]}",
  "notifications: {policies: [{tag_query: a, comment_strategy: delete}, {tag_query: ''}]}",
  "notifications: {summary: {enabled: true}}",
  "batch_runs: {enabled: true, max_workspaces_per_batch: 3}",
  "access_control: {enabled: true, policies: [{tag_query: '', plan: ['team:sre']}]}",
  "stacks: {names: {a: {tag_query: x}, b: {stacks: [a], rules: {plan_after: [default]}}}}",
])("%s is accepted without a word", (text) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeDefined();
  expect(diagnostics).toEqual([]);
});

/** Deprecated form, what it becomes, where the warning points. */
test.each([
  [
    'default_tf_version: "1.5.0"\n',
    { engine: { name: "terraform", version: "1.5.0" } },
    ["default_tf_version"],
  ],
  [
    'default_tf_version: "1.5.0"\nengine: {name: tofu}\n',
    { engine: { name: "tofu" } },
    ["default_tf_version"],
  ],
  [
    'workflows: [{tag_query: "", terragrunt: true, terraform_version: "1.5.0"}]\n',
    { workflows: [{ tag_query: "", engine: { name: "terragrunt", tf_version: "1.5.0" } }] },
    ["workflows[0].terraform_version", "workflows[0].terragrunt"],
  ],
  [
    'workflows: [{tag_query: "", cdktf: true}]\n',
    { workflows: [{ tag_query: "", engine: { name: "cdktf" } }] },
    ["workflows[0].cdktf"],
  ],
  [
    'workflows: [{tag_query: "", terraform_version: "1.5.0"}]\n',
    { workflows: [{ tag_query: "", engine: { name: "terraform", version: "1.5.0" } }] },
    ["workflows[0].terraform_version"],
  ],
  [
    "apply_requirements: {checks: {approved: {enabled: true, count: 2}}}\n",
    {
      apply_requirements: {
        checks: [{ tag_query: "", approved: { enabled: true, any_of_count: 2 } }],
      },
    },
    ["apply_requirements.checks"],
  ],
  [
    "apply_requirements: {checks: {merge_conflicts: {enabled: false}}}\n",
    { apply_requirements: { checks: [{ tag_query: "", merge_conflicts: { enabled: false } }] } },
    ["apply_requirements.checks"],
  ],
  [
    "drift: {enabled: true, schedule: daily, reconcile: true}\n",
    {
      drift: {
        enabled: true,
        schedules: { default: { schedule: "daily", tag_query: "", reconcile: true } },
      },
    },
    ["drift.reconcile", "drift.schedule"],
  ],
])("deprecated: %s", (text, raw, paths) => {
  const parsed = parseConfig(text, "config.yml");
  expect(parsed.raw).toEqual(raw);
  expect(parsed.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  expect(
    parsed.diagnostics
      .filter((one) => one.code === "deprecated")
      .map((one) => one.path)
      .sort(),
  ).toEqual(paths);
});

const ignoring = (entries: string) =>
  `apply_requirements: {checks: [{tag_query: "", status_checks: {ignore_matching: [${entries}]}}]}\n`;
const CHECKS = "apply_requirements.checks";

test.each([
  ['workflows: [{tag_query: "a b or c"}]\n', "tag_query", "workflows[0].tag_query"],
  ['when_modified: {depends_on: "a b or c"}\n', "tag_query", "when_modified.depends_on"],
  ["stacks: {names: {a: {stacks: []}}}\n", "stack", "stacks.names.a.stacks"],
  ["parallel_runs: 0\n", "wrong_value", "parallel_runs"],
  ["parallel_runs: -3\n", "wrong_value", "parallel_runs"],
  [
    "batch_runs: {max_workspaces_per_batch: 0}\n",
    "wrong_value",
    "batch_runs.max_workspaces_per_batch",
  ],
  [ignoring('"/(/"'), "pattern", `${CHECKS}[0].status_checks.ignore_matching[0]`],
  [ignoring('a, "%"'), "pattern", `${CHECKS}[0].status_checks.ignore_matching[1]`],
  ["config_builder: {enabled: true}\n", "missing_key", "config_builder"],
  ["tree_builder: {enabled: true, script: ' '}\n", "missing_key", "tree_builder"],
  ['dirs: {"a**b": {}}\n', "pattern", 'dirs["a**b"]'],
  ['when_modified: {file_patterns: ["a**"]}\n', "pattern", "when_modified.file_patterns[0]"],
])("%s works, with a warning", (text, code, path) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeDefined();
  expect(diagnostics).toMatchObject([{ severity: "warning", code, path }]);
});

test.each([
  [
    "access_control: {unlock: ['repo:write']}",
    ["deprecated", "access_control.unlock[0]", "role:write"],
  ],
  [
    "workflows: [{tag_query: 'not dir~foo'}]",
    ["deprecated", "workflows[0].tag_query", "not (foo in dir)"],
  ],
  [
    "apply_requirements: {checks: [{tag_query: '', approved: {any_of: ['user:a', 'user:A'], any_of_count: 2}}]}",
    ["never_matches", "apply_requirements.checks[0].approved.any_of_count", "1"],
  ],
  [
    "access_control: {files: {'a/*.tf': ['*']}}",
    ["never_matches", 'access_control.files["a/*.tf"]', undefined],
  ],
  [
    "drift: {schedules: {a: {schedule: daily, tag_query: '', window: {start: '1:00 UTC', end: '1:00 UTC'}}}}",
    ["time", "drift.schedules.a.window.end", undefined],
  ],
  [
    "stacks: {names: {a: {tag_query: b c or d}}}",
    ["tag_query", "stacks.names.a.tag_query", undefined],
  ],
])("%s works, with a warning and what to write instead", (text, expected) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeDefined();
  expect(diagnostics.map((one) => [one.code, one.path, one.suggestion])).toEqual([expected]);
});

test.each([
  ["default_tf_version: 1.5.7\nengine: {name: tofu}", "default_tf_version", undefined],
  ["default_tf_version: 1.5.7\nengine: null", "default_tf_version", "engine"],
  [
    "workflows: [{tag_query: '', terraform_version: 1.5.7, engine: {name: tofu}}]",
    "workflows[0].terraform_version",
    undefined,
  ],
  [
    "workflows: [{tag_query: '', engine: {name: tofu}, terragrunt: true}]",
    "workflows[0].terragrunt",
    undefined,
  ],
  [
    "workflows: [{tag_query: '', engine: {name: tofu}, cdktf: false}]",
    "workflows[0].cdktf",
    undefined,
  ],
  ["workflows: [{tag_query: '', engine: null, cdktf: true}]", "workflows[0].cdktf", "engine"],
])("deprecated, and ignored where an engine is there: %s", (text, path, suggestion) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  const [found, ...others] = diagnostics;
  expect(others).toEqual([]);
  expect(found).toMatchObject({ severity: "warning", code: "deprecated", path });
  expect(found?.suggestion).toBe(suggestion);
  expect(found?.message.includes("ignored because `engine` is there")).toBe(
    suggestion === undefined,
  );
  const engine = raw?.engine ?? raw?.workflows?.[0]?.engine;
  if (suggestion === undefined) expect(engine).toEqual({ name: "tofu" });
  else expect(engine?.name).toMatch(/^(terraform|cdktf)$/);
});

test("a stack that only another file knows is an error in a whole file, not in a part of one", () => {
  const text = "stacks: {names: {a: {tag_query: x, rules: {plan_after: [network]}}}}";
  expect(parseConfig(text, "config.yml").diagnostics).toMatchObject([{ code: "stack" }]);
  expect(locateConfig(text, "config.yml", { part: true })).toMatchObject({
    kind: "parsed",
    raw: { stacks: { names: {} } },
    diagnostics: [],
  });
});
