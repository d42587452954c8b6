import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";
import type { Reason, ReasonCode } from "../reason.ts";
import { placeText } from "./place-text.ts";

const FILES = ["net/main.tf", "db/main.tf", ".terrane/config.yml", "docs/a.md"];

type Act = (world: CoreWorld) => readonly Reason[];

const changed: Act = (world) => world.changed();
const applied: Act = (world) => {
  world.changed();
  world.runnerPlans({});
  return world.says("bob", "terrane apply");
};

/** Each configuration, what happens, and the line that the reason has to name. */
test.each<[ReasonCode, string, Act, string]>([
  ["disabled", "parallel_runs: 2\nenabled: false", changed, ".terrane/config.yml:2"],
  [
    "base_not_configured",
    "destination_branches:\n- release",
    changed,
    ".terrane/config.yml:1 (on main)",
  ],
  [
    "autoplan_off",
    "dirs:\n  net:\n    when_modified:\n      autoplan: false",
    changed,
    ".terrane/config.yml:4",
  ],
  ["autoplan_off", "when_modified:\n  autoplan: false", changed, ".terrane/config.yml:2"],
  [
    "nothing_affected",
    "when_modified:\n  file_patterns:\n  - '${DIR}/*.hcl'",
    changed,
    ".terrane/config.yml:2",
  ],
  [
    "access_denied",
    "access_control:\n  policies:\n  - tag_query: dir:db\n  - tag_query: ''\n    plan: ['*']\n    apply: ['user:ann']",
    applied,
    ".terrane/config.yml:6 (on main)",
  ],
  [
    "no_policy_matches",
    "access_control:\n  policies:\n  - tag_query: dir:db",
    changed,
    ".terrane/config.yml:2 (on main)",
  ],
  [
    "not_approved",
    "apply_requirements:\n  checks:\n  - tag_query: dir:db\n  - tag_query: ''\n    approved:\n      enabled: true",
    applied,
    ".terrane/config.yml:5 (on main)",
  ],
  [
    "merge_first",
    "apply_requirements:\n  checks:\n  - tag_query: ''\n    apply_after_merge:\n      enabled: true",
    applied,
    ".terrane/config.yml:4 (on main)",
  ],
  [
    "no_requirement_matches",
    "apply_requirements:\n  checks:\n  - tag_query: dir:db",
    applied,
    ".terrane/config.yml:2 (on main)",
  ],
])("%s says which line of the configuration made it", (code, config, act, expected) => {
  const world = new CoreWorld(FILES, ["net/main.tf"], config);
  const reason = act(world).find((one) => one.code === code);
  expect((reason?.rules ?? []).map(placeText)).toEqual([expected]);
});

test("what nobody wrote is named as the default", () => {
  const world = new CoreWorld(FILES, ["docs/a.md"]);
  const [reason] = world.changed();
  expect((reason?.rules ?? []).map(placeText)).toEqual(["when_modified.file_patterns (default)"]);
});

test("the answer that people are shown names the same places as the decision", () => {
  const access = "access_control:\n  policies:\n  - tag_query: ''\n    plan: []";
  const world = new CoreWorld(FILES, ["net/main.tf"], access);
  world.changed();
  const reasons = world.says("bob", "terrane plan");
  const shown = world.snapshot.pullRequest.notice?.reasons ?? [];
  expect(shown.map((one) => one.rules)).toEqual(reasons.slice(-1).map((one) => one.rules));
  expect(shown[0]?.rules).not.toBeUndefined();
});

test("a dirspace keeps where the rules stand that made it so, and nothing of what nobody wrote", () => {
  const config = [
    "dirs:",
    "  net:",
    "    tags: [a]",
    "    when_modified:",
    "      file_patterns:",
    "      - '!${DIR}/*.md'",
    "      - '${DIR}/*.tf'",
    "workflows:",
    "- tag_query: dir:db",
    "- tag_query: dir:net",
    "  lock_policy: none",
  ].join("\n");
  const world = new CoreWorld(FILES, ["net/main.tf"], config);
  world.changed();
  const rules = world.snapshot.dirspaces[0]?.affected?.rules ?? {};
  const lines = new Map(Object.entries(rules).map(([about, { line }]) => [about, line] as const));
  expect(Object.fromEntries(lines)).toEqual({ dir: 2, pattern: 7, workflow: 10, lockPolicy: 11 });
});
