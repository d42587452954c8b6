import { expect, test } from "vitest";
import { mergeForBranch } from "./merge.ts";
import { parseConfig } from "./parse.ts";
import type { RawConfig } from "./raw.ts";

test("S16 a pull request cannot change the keys that guard applies", () => {
  const onDefault = raw(
    "apply_requirements: {create_pending_apply_check: false}\nparallel_runs: 2",
  );
  const head = raw(
    "apply_requirements: {checks: []}\ndestination_branches: ['*']\naccess_control: {}\nparallel_runs: 5",
  );
  expect(mergeForBranch(onDefault, head)).toEqual({
    apply_requirements: { create_pending_apply_check: false },
    parallel_runs: 5,
  });
});

test("S16 a pull request cannot shorten the list of those keys", () => {
  const onDefault = raw("default_branch_overrides: [workflows]\nworkflows: []");
  const head = raw("default_branch_overrides: []\nworkflows: [{tag_query: x}]\nautomerge: {}");
  expect(mergeForBranch(onDefault, head)).toEqual({
    default_branch_overrides: ["workflows"],
    workflows: [],
    automerge: {},
  });
});

test("S16 without a configuration on the default branch the guards have their defaults", () => {
  const head = raw("apply_requirements: {checks: []}\ndefault_branch_overrides: []\ndirs: {a: {}}");
  expect(mergeForBranch(undefined, head)).toEqual({ dirs: { a: {} } });
});

test("a pull request without a configuration keeps only the guards", () => {
  const onDefault = raw("apply_requirements: {checks: []}\ndirs: {a: {}}");
  expect(mergeForBranch(onDefault, undefined)).toEqual({ apply_requirements: { checks: [] } });
});

test("an empty list on the default branch frees every key but the list", () => {
  const onDefault = raw("default_branch_overrides: []");
  const head = raw("apply_requirements: {checks: []}");
  expect(mergeForBranch(onDefault, head)).toEqual({
    default_branch_overrides: [],
    apply_requirements: { checks: [] },
  });
});

test("the deprecated name of the engine's version guards the engine", () => {
  const onDefault = raw(
    'default_branch_overrides: [default_tf_version]\ndefault_tf_version: "1.5"',
  );
  expect(mergeForBranch(onDefault, raw("engine: {name: tofu}"))).toMatchObject({
    engine: { name: "terraform", version: "1.5" },
  });
});

function raw(text: string): RawConfig {
  const parsed = parseConfig(text, "config.yml");
  if (parsed.raw === undefined) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.raw;
}
