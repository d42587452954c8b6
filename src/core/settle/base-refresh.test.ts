import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";

test("S11 a base that brings twins which differ in case outdates plans once, and not for ever", () => {
  const world = new CoreWorld(["app/main.tf", "net/main.tf", "Net/main.tf"], ["app/main.tf"]);
  world.changed();
  world.runnerPlans({});
  expect(world.phases()["app:default"]).toBe("planned");
  world.view = { ...world.view, baseSha: sha(2) };
  const twins = ["net/main.tf", "Net/main.tf"];
  world.baseChanges.set(
    `${sha(1)}..${sha(2)}`,
    twins.map((path) => ({ kind: "added", path })),
  );
  world.changed();
  expect(world.phases()["app:default"]).toBe("planning");
  world.runnerPlans({});
  world.changed();
  expect(world.phases()["app:default"]).toBe("planned");
  // What comes in later is read by itself.
  world.view = { ...world.view, baseSha: sha(3) };
  world.baseChanges.set(`${sha(2)}..${sha(3)}`, [{ kind: "modified", path: "README.md" }]);
  world.changed();
  expect(world.phases()["app:default"]).toBe("planned");
});
