import { expect, test } from "vitest";
import { CoreWorld } from "../../../../test/support/core-world.ts";

const FILES = ["net/main.tf", "db/main.tf"];

function codes(reasons: readonly { readonly code: string }[]): readonly string[] {
  return reasons.map(({ code }) => code);
}

function opened(): CoreWorld {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  return world;
}

test("cancel ends a plan, and nothing plans it again before somebody asks", () => {
  const world = opened();
  expect(world.says("bob", "terrane cancel")).toContainEqual({
    code: "cancelled",
    plans: ["net:default"],
    applies: [],
    waited: false,
  });
  expect(world.hasActiveRun()).toBe(false);
  expect(world.effects()).toContain("cancel");
  expect(world.state("net:default").plan?.failure).toBe("cancelled by bob");
  world.changed();
  expect(world.hasActiveRun()).toBe(false);
  world.says("bob", "terrane plan");
  expect(world.hasActiveRun()).toBe(true);
});

test("S3 S4 cancel asks an apply to stop, and its directory stays locked until it has ended and after", () => {
  const world = opened();
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  world.grantWork("net:default");
  expect(codes(world.says("bob", "terrane cancel"))).toContain("cancelled");
  expect(world.hasActiveRun()).toBe(true);
  expect(world.activeRun("apply").cancelRequested).toBe(true);
  expect(world.state("net:default").locks).toHaveLength(1);
  world.endWork("net:default", "failed");
  world.ends(world.activeRun("apply").id);
  expect(world.state("net:default").locks).toHaveLength(1);
});

test("cancel gives up the place in the queue", () => {
  const world = opened();
  world.runnerPlans({});
  world.lockedBy("net:default", 3);
  world.says("bob", "terrane apply");
  expect(world.snapshot.pullRequest.wait).toBeDefined();
  expect(codes(world.says("bob", "terrane cancel"))).toContain("wait_ended");
  expect(world.snapshot.pullRequest.wait).toBeUndefined();
});

test("where nothing runs there is nothing to cancel, and who may not write cancels nothing", () => {
  const world = opened();
  world.permissions.set("eve", "read");
  expect(codes(world.says("eve", "terrane cancel"))).toContain("not_permitted");
  expect(world.hasActiveRun()).toBe(true);
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane cancel"))).toEqual(["nothing_to_cancel"]);
});
