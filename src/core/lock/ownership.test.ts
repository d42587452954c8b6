import { expect, test } from "vitest";
import { LockWorld } from "../../../test/support/lock-world.ts";

const APPLY_ONLY = `workflows:\n  - tag_query: ""\n    lock_policy: apply\n`;

// What was not applied before the merge is owned after it where the policy says so.
test.each([
  ["strict", undefined, "d1: 1"],
  ["apply", APPLY_ONLY, ""],
])(
  "S4 an apply that waits for its permission keeps its locks when its pull request is merged: %s",
  (_policy, config, after) => {
    const world = new LockWorld(["d1"], config);
    world.open(1, ["d1"]);
    world.says(1, "terrane apply");
    expect(world.owners()).toBe("d1: 1");
    world.merge(1);
    expect(world.owners()).toBe("d1: 1");
    world.finishApplies(1);
    expect(world.owners()).toBe(after);
  },
);

test("S4 somebody else is refused until an apply that began before the merge has ended", () => {
  const world = new LockWorld(["d1"], APPLY_ONLY);
  world.open(1, ["d1"]);
  world.open(2, ["d1"]);
  world.says(1, "terrane apply");
  world.merge(1);
  expect(world.says(2, "terrane apply")).toContainEqual(
    expect.objectContaining({ code: "locked" }),
  );
});
