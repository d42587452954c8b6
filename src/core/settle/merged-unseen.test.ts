import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { Instant } from "../../base/brand.ts";

const DAY_MS = 24 * 3_600_000;

/** Merged before anybody told of it, so long before the first event. */
function mergedUnseen(agoMs: number): CoreWorld {
  const world = new CoreWorld(["net/main.tf", "app/main.tf"], ["net/main.tf"]);
  const merged = { onto: sha(1), at: -agoMs as Instant };
  world.view = { ...world.view, state: "merged", mergeSha: sha(2), baseSha: sha(2), merged };
  return world;
}

function codes(reasons: readonly { readonly code: string }[]): readonly string[] {
  return reasons.map(({ code }) => code);
}

test("S7 S21 a pull request that was merged before we looked owns and plans what it changed", () => {
  const world = mergedUnseen(60_000);
  expect(codes(world.changed())).toContain("plan_started");
  expect(world.phases()).toEqual({ "net:default": "planning" });
  expect(world.ownLocks()).toEqual(["net:default"]);
  expect(world.snapshot.pullRequest.changeSet).toMatchObject({ baseSha: sha(1) });
  world.runnerPlans({ "net:default": "changed" });
  expect(world.phases()).toEqual({ "net:default": "planned" });
  world.says("bob", "terrane apply");
  world.runnerApplies();
  expect(world.phases()).toEqual({ "net:default": "applied" });
  expect(world.ownLocks()).toEqual([]);
});

test("S22 its change set is made once, whatever the base branch does afterwards", () => {
  const world = mergedUnseen(60_000);
  world.changed();
  world.view = { ...world.view, baseSha: sha(3) };
  world.changed();
  expect(world.snapshot.pullRequest.changeSet).toMatchObject({ baseSha: sha(1) });
  expect(Object.keys(world.phases())).toEqual(["net:default"]);
});

test("a comment on a pull request that was merged long before we knew it plans and locks nothing", () => {
  const world = mergedUnseen(4 * DAY_MS);
  expect(codes(world.says("bob", "terrane plan"))).not.toContain("plan_started");
  expect(codes(world.changed())).toEqual(["nothing_affected"]);
  expect(world.ownLocks()).toEqual([]);
});

test("one that was seen open keeps the change set that was reviewed", () => {
  const world = new CoreWorld(["net/main.tf", "app/main.tf"], ["net/main.tf"]);
  world.changed();
  const merged = { onto: sha(5), at: 0 as Instant };
  world.view = { ...world.view, state: "merged", mergeSha: sha(2), baseSha: sha(2), merged };
  world.changed();
  expect(world.snapshot.pullRequest.changeSet).toMatchObject({ baseSha: sha(1) });
});
