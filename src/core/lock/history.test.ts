import { expect, test } from "vitest";
import { LockWorld } from "../../../test/support/lock-world.ts";
import { present } from "../../base/assert.ts";
import { phasesOf } from "../phase.ts";
import { asItWas, isHistory } from "./history.ts";

function isOver(world: LockWorld, number: number): boolean {
  return isHistory(world.pull(number).snapshot);
}

test("L40 what is open is no history, whether it holds something or not", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  expect(isOver(world, 1)).toBe(false);
  world.apply(1);
  expect(isOver(world, 1)).toBe(false);
});

test("L40 what is merged is history once it holds nothing and waits for nothing", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  world.open(2, ["d1"]);
  world.merge(1);
  expect(isOver(world, 1)).toBe(false);
  world.apply(1);
  expect(isOver(world, 1)).toBe(true);
});

test("L40 what is closed and held nothing is history", () => {
  const world = new LockWorld(["d1"]);
  world.open(1, ["d1"]);
  world.close(1);
  expect(isOver(world, 1)).toBe(true);
});

test("L40 what history shows of its plans is not changed by what others apply, of which nobody tells it", () => {
  const world = new LockWorld(
    ["d1"],
    "version: '1'\nworkflows: [{tag_query: '', lock_policy: none}]\n",
  );
  world.open(1, ["d1"]);
  world.merge(1);
  world.says(1, "terrane plan");
  expect(isOver(world, 1)).toBe(true);
  world.open(2, ["d1"]);
  world.apply(2);
  const { dirspaces, pullRequest } = world.pull(1).snapshot;
  const view = present(pullRequest.view, "it was looked at");
  expect([...phasesOf(dirspaces, view).values()]).toEqual(["stale"]);
  expect([...phasesOf(dirspaces.map(asItWas), view).values()]).toEqual(["planned"]);
});
