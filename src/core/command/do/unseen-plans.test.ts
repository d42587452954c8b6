import { expect, test } from "vitest";
import { CoreWorld } from "../../../../test/support/core-world.ts";
import type { Instant } from "../../../base/brand.ts";

const SECOND = 1_000;
const PLANNED_AT = 3_600 * SECOND;
const GATE = {
  token: "sec",
  name: null,
  allOf: ["user:bob"],
  anyOf: [],
  anyOfCount: 1,
  addReviewers: false,
};

/** Planned at `PLANNED_AT`. */
function planned(config?: string): CoreWorld {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"], config);
  world.gates = [GATE];
  world.changed();
  world.plansEndAt = PLANNED_AT as Instant;
  world.runnerPlans({});
  return world;
}

const AUTOAPPROVE = "access_control:\n  policies: [{tag_query: '', apply_autoapprove: ['*']}]\n";

test.each<[string, string, number, string | undefined, string]>([
  // command                    was written             configuration  answer
  ["terrane apply", "an hour before the plan", -3_600, undefined, "plan_unseen"],
  ["terrane apply", "a bit more than clocks differ before", -61, undefined, "plan_unseen"],
  ["terrane apply", "as long before as clocks may differ", -60, undefined, "gate_open"],
  ["terrane apply", "after the plan", 1, undefined, "gate_open"],
  ["terrane apply-force", "an hour before the plan", -3_600, undefined, "plan_unseen"],
  ["terrane apply-autoapprove", "an hour before", -3_600, AUTOAPPROVE, "gate_open"],
  ["terrane gate approve sec", "an hour before the plan", -3_600, undefined, "plan_unseen"],
  ["terrane gate approve sec", "after the plan", 1, undefined, "gate_approved"],
])("S10 `%s`, written %s", (text, _, seconds, config, answer) => {
  const world = planned(config);
  world.says("bob", text, (PLANNED_AT + seconds * SECOND) as Instant);
  const codes = world.snapshot.pullRequest.notice?.reasons.map(({ code }) => code) ?? [];
  expect(codes).toContain(answer);
  expect(codes.includes("plan_unseen")).toBe(answer === "plan_unseen");
  expect(world.effects()).not.toContain("dispatch");
});

test("a VCS that does not say when a comment was written is heard at once", () => {
  const world = planned();
  world.says("bob", "terrane gate approve sec");
  const codes = world.says("cyd", "terrane apply").map(({ code }) => code);
  expect(codes).toContain("apply_started");
});
