import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";
import type { Instant } from "../../base/brand.ts";
import type { Reason } from "../reason.ts";
import type { Unserved } from "../standing.ts";

const UNSERVED: Unserved = { because: "uninstalled", since: 5_000 as Instant };

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

function stand(world: CoreWorld, unserved: Unserved | undefined): void {
  const { unserved: _, ...pullRequest } = world.snapshot.pullRequest;
  const standing = unserved === undefined ? {} : { unserved };
  world.snapshot = { ...world.snapshot, pullRequest: { ...pullRequest, ...standing } };
}

function standing(world: CoreWorld): readonly Reason[] {
  return world.happens({ kind: "pull_request_changed", hint: "standing" });
}

test.each(["uninstalled", "suspended", "archived", "taken_away"] as const)(
  "a plan under way ends with the reason where we are not served: %s",
  (because) => {
    const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
    world.changed();
    stand(world, { ...UNSERVED, because });
    const reasons = standing(world);
    expect(codes(reasons)).toEqual(["run_cancelled", "not_served"]);
    expect(reasons).toContainEqual({ code: "not_served", because, since: 5_000 });
    expect(world.hasActiveRun()).toBe(false);
  },
);

test("nothing is asked of a VCS that would not answer, and no command starts anything", () => {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  stand(world, UNSERVED);
  world.gone = true;
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["not_served"]);
  expect(codes(standing(world))).toEqual(["not_served"]);
  expect(world.effects()).not.toContain("dispatch");
});

test("S3 an apply that has its grant goes on, and its locks stay; its end is taken as ever", () => {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  world.grantWork("net:default");
  stand(world, UNSERVED);
  expect(codes(standing(world))).toEqual(["not_served"]);
  expect(world.hasActiveRun()).toBe(true);
  world.runnerApplies();
  expect(world.phases()).toEqual({ "net:default": "applied" });
  expect(world.ownLocks()).toEqual(["net:default"]);
});

test("an apply that waits for its job ends, and nothing of it is applied", () => {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  stand(world, UNSERVED);
  expect(codes(standing(world))).toEqual(["run_cancelled", "not_served"]);
  expect(world.hasActiveRun()).toBe(false);
  expect(world.phases()).toEqual({ "net:default": "planned" });
});

test("once we are served again it goes on where it was: what was planned counts, what was stopped is planned", () => {
  const world = new CoreWorld(["net/main.tf", "app/main.tf"], ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  stand(world, UNSERVED);
  standing(world);
  stand(world, undefined);
  expect(codes(standing(world))).toEqual(["plans_current"]);
  world.changes = [{ kind: "modified", path: "app/main.tf" }];
  world.view = { ...world.view, headSha: "c".repeat(40) as typeof world.view.headSha };
  world.changed();
  stand(world, UNSERVED);
  standing(world);
  expect(world.hasActiveRun()).toBe(false);
  stand(world, undefined);
  expect(codes(standing(world))).toContain("plan_started");
});
