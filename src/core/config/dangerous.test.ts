import { expect, test } from "vitest";
import { completeConfig } from "./complete.ts";
import { findDangerous } from "./dangerous.ts";
import { parseConfig } from "./parse.ts";
import { formatPath } from "./places.ts";

function dangers(yaml: string): string[] {
  const { raw, diagnostics } = parseConfig(yaml, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  return findDangerous(raw, completeConfig(raw)).map(({ path }) => formatPath(path));
}

const APPROVED = "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true}}]}\n";
const POLICY = "policies: [{tag_query: '', apply: ['team:sre']}]";
const GUARDED =
  "default_branch_overrides: [access_control, apply_requirements, destination_branches, workflows, hooks, engine, config_builder, tree_builder, storage]\n";

/** Everything that runs comes from the default branch; the tags do not. */
const BY_TAG = `${GUARDED}access_control: {policies: [{tag_query: prod, apply: ['team:sre']}, {tag_query: ''}]}\n`;
const FIRST_POLICY = ["access_control.policies[0].tag_query"];

function policies(list: string, keys = ""): string {
  return `${GUARDED}access_control: {${keys}policies: [${list}]}\n`;
}

function checks(list: string): string {
  return `apply_requirements: {checks: [${list}]}\n`;
}

/** What it is, the configuration, where it is reported. */
const TABLE: readonly (readonly [string, string, string[]])[] = [
  ["an empty file is not dangerous", "", []],
  [
    "a plain configuration is not dangerous",
    "dirs: {a: {tags: [x]}}\nworkflows: [{tag_query: x}]\n",
    [],
  ],
  ["a list that keeps the guards is not dangerous", GUARDED, []],
  [
    "a list without the guards",
    "default_branch_overrides: [workflows]\n",
    ["default_branch_overrides"],
  ],
  ["an empty list of overrides", "default_branch_overrides: []\n", ["default_branch_overrides"]],
  [
    "restricted applies, and workflows of whoever opens a pull request",
    `access_control: {enabled: true, ${POLICY}}\n`,
    ["access_control"],
  ],
  [
    "restricted applies with the configuration of the default branch",
    `${GUARDED}access_control: {enabled: true, ${POLICY}}\n`,
    [],
  ],
  [
    "restricted applies with restricted changes of the configuration",
    `access_control: {enabled: true, terrateam_config_update: ['team:sre'], ci_config_update: ['team:sre'], ${POLICY}}\n`,
    [],
  ],
  ["access control without restrictions", "access_control: {enabled: true}\n", []],
  ["access control that is switched off", `access_control: {enabled: false, ${POLICY}}\n`, []],
  [
    "applies by themselves without approval",
    "when_modified: {autoapply: true}\ndirs: {a: {when_modified: {autoapply: true}, workspaces: {w: {when_modified: {autoapply: true}}}}}\n",
    [
      "when_modified.autoapply",
      "dirs.a.when_modified.autoapply",
      "dirs.a.workspaces.w.when_modified.autoapply",
    ],
  ],
  ["applies by themselves after approval", `${APPROVED}when_modified: {autoapply: true}\n`, []],
  [
    "stacks that apply by themselves",
    "stacks: {names: {s: {tag_query: a, rules: {auto_apply: true}}}}\n",
    ["stacks.names.s.rules.auto_apply"],
  ],
  ["merges by themselves", "automerge: {enabled: true}\n", ["automerge.enabled"]],
  ["merges by themselves after approval", `${APPROVED}automerge: {enabled: true}\n`, []],
  [
    "shortcuts for everyone",
    "access_control: {enabled: true, policies: [{tag_query: '', apply_force: ['*'], apply_autoapprove: ['*']}]}\n",
    ["access_control.policies[0].apply_force", "access_control.policies[0].apply_autoapprove"],
  ],
  [
    "shortcuts for some",
    "access_control: {enabled: true, policies: [{tag_query: '', apply_force: ['team:on-call']}]}\n",
    [],
  ],
  [
    "builders of the pull request",
    "config_builder: {enabled: true, script: x}\ntree_builder: {enabled: true, script: x}\n",
    ["config_builder", "tree_builder"],
  ],
  ["builders of the default branch", `${GUARDED}config_builder: {enabled: true, script: x}\n`, []],
  ["a builder that is switched off", "config_builder: {enabled: false, script: x}\n", []],
  ["policies by tags that a pull request gives itself", BY_TAG, FIRST_POLICY],
  [
    "policies by tags, of which some come from the pull request",
    BY_TAG.replace("storage]", "storage, dirs]"),
    FIRST_POLICY,
  ],
  [
    "policies by tags of the default branch",
    BY_TAG.replace("storage]", "storage, dirs, stacks, tags]"),
    [],
  ],
  [
    "policies by tags with restricted changes of the configuration",
    policies(
      "{tag_query: prod, apply: ['team:sre']}, {tag_query: ''}",
      "terrateam_config_update: ['team:sre'], ",
    ),
    [],
  ],
  [
    "policies by directory",
    policies(
      "{tag_query: 'dir:live/prod or not (prod in dir)', apply: ['team:sre']}, {tag_query: ''}",
    ),
    [],
  ],
  [
    "policies by a tag within a longer query",
    policies(
      "{tag_query: 'dir:a', apply: []}, {tag_query: 'dir:b or not (dev in dir or workspace:dev)', apply: ['team:sre']}, {tag_query: ''}",
    ),
    ["access_control.policies[1].tag_query"],
  ],
  ["policies by tags that say the same", policies("{tag_query: prod}, {tag_query: ''}"), []],
  ["a policy by a tag, and nobody without it", policies("{tag_query: prod}"), FIRST_POLICY],
  [
    "a policy by a tag that is never asked",
    policies("{tag_query: '', apply: ['team:sre']}, {tag_query: prod}"),
    [],
  ],
  [
    "policies by tags that are switched off",
    policies("{tag_query: prod, apply: []}, {tag_query: ''}", "enabled: false, "),
    [],
  ],
  [
    "apply requirements by tags, with and without access control",
    checks("{tag_query: prod, approved: {enabled: true}}, {tag_query: ''}"),
    ["apply_requirements.checks[0].tag_query"],
  ],
  [
    "apply requirements by tags with restricted changes of the configuration that are switched off",
    `access_control: {enabled: false, terrateam_config_update: ['team:sre']}\n${checks("{tag_query: prod, approved: {enabled: true}}, {tag_query: ''}")}`,
    ["apply_requirements.checks[0].tag_query"],
  ],
  [
    "apply requirements by directory",
    checks("{tag_query: 'prod in dir', approved: {enabled: true}}, {tag_query: ''}"),
    [],
  ],
  [
    "approvals of nobody",
    "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true, any_of_count: 0}}]}\n",
    ["apply_requirements.checks[0].approved"],
  ],
  [
    "approvals of all that are named",
    "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true, any_of_count: 0, all_of: ['user:a']}}]}\n",
    [],
  ],
];

test.each(TABLE)("%s", (_name, yaml, expected) => {
  expect(dangers(yaml)).toEqual(expected);
});

test("each danger says what can happen and what to write", () => {
  const yaml =
    "default_branch_overrides: []\nautomerge: {enabled: true}\nconfig_builder: {enabled: true, script: x}\n" +
    "access_control: {enabled: true, policies: [{tag_query: '', apply: [], apply_force: ['*']}]}\n" +
    "apply_requirements: {checks: [{tag_query: prod}]}\n";
  const { raw } = parseConfig(yaml, "config.yml");
  const found = raw === undefined ? [] : findDangerous(raw, completeConfig(raw));
  expect(found).toHaveLength(6);
  for (const { message } of found) expect(message).toMatch(/(?:Add|Set|Name) .+\.$/);
});
