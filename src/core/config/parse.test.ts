import { expect, test } from "vitest";
import { parseConfig } from "./parse.ts";
import { TOP_LEVEL_KEYS, UNSUPPORTED_KEYS } from "./schema/root.ts";

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

test.each(UNSUPPORTED_KEYS)("%s is read past with one warning", (key) => {
  expect(parseConfig(`${key}: {anything: [1, {goes: here}]}\n`, "config.yml")).toMatchObject({
    raw: { [key]: {} },
    diagnostics: [{ severity: "warning", code: "unsupported", path: key, line: 1, column: 1 }],
  });
});

test("every key of the language is known", () => {
  for (const key of TOP_LEVEL_KEYS) {
    expect(parseConfig(`${key}: null\n`, "config.yml").raw).toBeDefined();
  }
});

test("a step that cannot run yet is kept, with a warning", () => {
  const text = 'workflows: [{tag_query: "", plan: [{type: oidc, provider: aws, role_arn: x}]}]\n';
  expect(parseConfig(text, "config.yml")).toMatchObject({
    raw: { workflows: [{ plan: [{ type: "oidc", provider: "aws", role_arn: "x" }] }] },
    diagnostics: [{ severity: "warning", code: "unsupported", path: "workflows[0].plan[0]" }],
  });
});

/** Deprecated form, what it becomes, where the warning points. */
test.each([
  [
    'default_tf_version: "1.5.0"\n',
    { engine: { name: "terraform", version: "1.5.0" } },
    ["default_tf_version"],
  ],
  ['default_tf_version: "1.5.0"\nengine: {name: tofu}\n', { engine: { name: "tofu" } }, []],
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

test.each([
  ['workflows: [{tag_query: "a b or c"}]\n', "tag_query", "workflows[0].tag_query"],
  ['when_modified: {depends_on: "a b or c"}\n', "tag_query", "when_modified.depends_on"],
  ['dirs: {"a**b": {}}\n', "pattern", 'dirs["a**b"]'],
  ['when_modified: {file_patterns: ["a**"]}\n', "pattern", "when_modified.file_patterns[0]"],
])("%s works, with a warning", (text, code, path) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeDefined();
  expect(diagnostics).toMatchObject([{ severity: "warning", code, path }]);
});

test("S16 access control that is enabled stops everything while it cannot be enforced", () => {
  const { diagnostics } = parseConfig("version: '1'\naccess_control:\n  enabled: true\n", "c.yml");
  expect(diagnostics).toMatchObject([
    { severity: "error", code: "unsupported", line: 2, column: 1, path: "access_control" },
  ]);
  const { diagnostics: off } = parseConfig("access_control: {policies: []}\n", "c.yml");
  expect(off).toMatchObject([{ severity: "warning", code: "unsupported" }]);
});
