import { expect, test } from "vitest";
import { effectiveConfig } from "./effective.ts";
import type { RawConfig } from "./raw.ts";
import type { ConfigSource } from "./source.ts";

test("S16 a pull request cannot change the keys that guard applies", () => {
  const onDefault = "apply_requirements: {create_pending_apply_check: false}\nparallel_runs: 2";
  const head =
    "apply_requirements: {checks: []}\ndestination_branches: ['*']\naccess_control: {}\nparallel_runs: 5";
  expect(guarded(onDefault, head)).toEqual({
    apply_requirements: { create_pending_apply_check: false },
    parallel_runs: 5,
  });
});

test("S16 a pull request cannot shorten the list of those keys", () => {
  const onDefault = "default_branch_overrides: [workflows]\nworkflows: []";
  const head = "default_branch_overrides: []\nworkflows: [{tag_query: x}]\nautomerge: {}";
  expect(guarded(onDefault, head)).toEqual({
    default_branch_overrides: ["workflows"],
    workflows: [],
    automerge: {},
  });
});

test("S16 without a configuration on the default branch the guards have their defaults", () => {
  const head = "apply_requirements: {checks: []}\ndefault_branch_overrides: []\ndirs: {a: {}}";
  expect(guarded(undefined, head)).toEqual({ dirs: { a: {} } });
});

test("a pull request without a configuration keeps only the guards", () => {
  const onDefault = "apply_requirements: {checks: []}\ndirs: {a: {}}";
  expect(guarded(onDefault, undefined)).toEqual({ apply_requirements: { checks: [] } });
});

test("an empty list on the default branch frees every key but the list", () => {
  const onDefault = "default_branch_overrides: []";
  const head = "apply_requirements: {checks: []}";
  expect(guarded(onDefault, head)).toEqual({
    default_branch_overrides: [],
    apply_requirements: { checks: [] },
  });
});

test("the deprecated name of the engine's version guards the engine", () => {
  const onDefault = 'default_branch_overrides: [default_tf_version]\ndefault_tf_version: "1.5"';
  expect(guarded(onDefault, "engine: {name: tofu}")).toMatchObject({
    engine: { name: "terraform", version: "1.5" },
  });
});

test("S16 central files that list guarded keys count on the side of the default branch", () => {
  const sources: ConfigSource[] = [
    source("central_defaults", "default_branch_overrides: [parallel_runs]\nparallel_runs: 2"),
    source("default_branch", "apply_requirements: {checks: []}"),
    source("repository", "parallel_runs: 9\ndefault_branch_overrides: [workflows]"),
  ];
  // The list names one key, and with that no longer the built-in three.
  expect(rawOf(sources)).toEqual({
    default_branch_overrides: ["parallel_runs"],
    parallel_runs: 2,
  });
});

test("S16 what a guarded key holds is taken from the default branch whole, not merged", () => {
  const onDefault = "default_branch_overrides: [automerge]\nautomerge: {enabled: true}";
  const head = "automerge: {delete_branch: true}";
  expect(guarded(onDefault, head)).toEqual({
    default_branch_overrides: ["automerge"],
    automerge: { enabled: true },
  });
});

test("S16 an override holds although the pull request resets the key and frees it", () => {
  const sources: ConfigSource[] = [
    source("repository", "default_branch_overrides: []\napply_requirements: null"),
    source("default_branch", "default_branch_overrides: []"),
    source("central_overrides", "apply_requirements: {checks: [{tag_query: prod}]}"),
  ];
  expect(rawOf(sources)).toEqual({
    default_branch_overrides: [],
    apply_requirements: { checks: [{ tag_query: "prod" }] },
  });
});

test("S16 what the builder prints cannot guard applies", () => {
  const sources: ConfigSource[] = [
    source("built", "apply_requirements: {checks: []}\nparallel_runs: 4"),
    source("default_branch", "parallel_runs: 2"),
  ];
  expect(rawOf(sources)).toEqual({ parallel_runs: 4 });
});

test("a file of the central repository replaces the repository's own, without guards or overrides", () => {
  const sources: ConfigSource[] = [
    source("system", "parallel_runs: 1\nautomerge: {enabled: true}"),
    source("central_defaults", "create_and_select_workspace: false"),
    source("central_repo_defaults", "enabled: false"),
    source("built", "dirs: {a: {}}"),
    source("repository", "this: is not even valid"),
    source("default_branch", "apply_requirements: {checks: []}"),
    source("central_overrides", "parallel_runs: 7"),
    source("central_repo_overrides", "parallel_runs: 8"),
    source("central_config", "apply_requirements: {checks: [{tag_query: x}]}\nparallel_runs: 2"),
  ];
  expect(rawOf(sources)).toEqual({
    parallel_runs: 2,
    automerge: { enabled: true },
    create_and_select_workspace: false,
    dirs: { a: {} },
    apply_requirements: { checks: [{ tag_query: "x" }] },
  });
});

test("as written, a file is what it says", () => {
  const effective = effectiveConfig(
    [source("repository", "apply_requirements: {checks: []}"), source("default_branch", "a: 1")],
    "as_written",
  );
  expect(effective).toMatchObject({ kind: "ok", raw: { apply_requirements: { checks: [] } } });
});

function guarded(onDefault: string | undefined, head: string | undefined): RawConfig {
  return rawOf([
    ...(onDefault === undefined ? [] : [source("default_branch", onDefault)]),
    ...(head === undefined ? [] : [source("repository", head)]),
  ]);
}

function rawOf(sources: readonly ConfigSource[]): RawConfig {
  const effective = effectiveConfig(sources, "guarded");
  if (effective.kind === "error") throw new Error(JSON.stringify(effective.diagnostics));
  return effective.raw;
}

function source(name: ConfigSource["source"], text: string): ConfigSource {
  return { source: name, file: `${name}.yml`, text };
}
