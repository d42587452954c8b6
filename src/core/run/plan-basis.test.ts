import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";

/** Everything stays as it is but what the central repository says. */
function outdatedBy(overrides: string): readonly string[] {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"], "engine: {name: terraform}\n");
  world.changed();
  world.runnerPlans({});
  // As it was stored, and read again.
  const dirspaces = world.snapshot.dirspaces.map((state) => structuredClone(state));
  world.snapshot = { ...world.snapshot, dirspaces };
  world.centralFiles = [{ kind: "text", path: "config/overrides.yml", text: overrides }];
  const reasons = world.changed();
  expect(reasons.map(({ code }) => code)).not.toContain("config_invalid");
  return reasons.flatMap((reason) =>
    reason.code === "plan_stale" && reason.because.kind === "settings_changed"
      ? reason.because.keys
      : [],
  );
}

const workflow = (text: string) => `workflows: [{tag_query: '', ${text}}]\n`;

test.each([
  ["engine: {name: tofu}\n", ["engine"]],
  ["engine: {name: terraform, version: 1.9.0}\n", ["engine"]],
  [workflow("plan: [{type: init}, {type: plan, extra_args: [-lock=false]}]"), ["plan"]],
  [workflow("environment: prod"), ["environment"]],
  [workflow("runs_on: big"), ["runs_on"]],
  ["integrations: {resourcely: {enabled: true}}\n", ["integrations"]],
  ["create_and_select_workspace: false\n", ["create_and_select_workspace"]],
  ["stacks: {names: {all: {tag_query: '', variables: {zone: a}}}}\n", ["variables"]],
  ["checkout_strategy: checkout\n", ["checkout_strategy"]],
  ["hooks: {all: {post: [{type: run, cmd: [make]}]}}\n", ["hooks"]],
  ["hooks: {plan: {post: [{type: gates, cmd: [ask]}]}}\n", ["hooks"]],
  [`${workflow("environment: prod")}engine: {name: tofu}\n`, ["engine", "environment"]],
])("S10 a plan is outdated by %j, which it would be made from", (overrides, keys) => {
  expect(outdatedBy(overrides)).toEqual(keys);
});

test.each([
  "parallel_runs: 7\n",
  "batch_runs: {enabled: true}\n",
  workflow("lock_policy: none"),
  workflow("apply: [{type: init}, {type: apply, extra_args: [-parallelism=1]}]"),
  "hooks: {apply: {pre: [{type: run, cmd: [make]}]}}\n",
  "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true}}]}\n",
  "access_control: {policies: [{tag_query: '', plan: ['*'], apply: ['role:admin']}]}\n",
  "cost_estimation: {enabled: true}\n",
  "dirs: {net: {when_modified: {autoapply: true}}}\n",
  "engine: {name: terraform}\n",
  "notifications: {policies: [{tag_query: '', comment_strategy: append}]}\n",
])("S10 a plan stays good beside %j, which no plan is made from", (overrides) => {
  expect(outdatedBy(overrides)).toEqual([]);
});
