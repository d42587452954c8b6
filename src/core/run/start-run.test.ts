import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";

const FILES = ["net/main.tf", "db/main.tf", "app/main.tf"];
const ENVIRONMENTS = `
workflows:
  - {tag_query: "dir:app", environment: "prod", runs_on: ["big"]}
`;
const ORDERED = `${ENVIRONMENTS}
dirs: {app: {when_modified: {depends_on: "dir:net"}}}
`;

function opened(config: string): CoreWorld {
  const world = new CoreWorld(FILES, FILES, config);
  world.changed();
  return world;
}

/** The directories of each active run, the oldest first. */
function active(world: CoreWorld): readonly (readonly string[])[] {
  return world.snapshot.runs
    .filter((run) => run.state !== "ended")
    .map((run) => run.works.map((work) => work.dirspace.replace(":default", "")));
}

function allPlan(world: CoreWorld, outcome: "changed" | "unchanged" = "changed"): void {
  const outcomes: Record<string, typeof outcome> = {};
  for (const { key } of world.snapshot.dirspaces) outcomes[key] = outcome;
  for (const _ of active(world)) world.runnerPlans(outcomes);
}

test("each environment and kind of machine is a job of its own, for plans and for applies", () => {
  const world = opened(ENVIRONMENTS);
  expect(active(world)).toEqual([["app"], ["db", "net"]]);
  expect(world.effects().filter((kind) => kind === "dispatch")).toHaveLength(2);
  allPlan(world);
  const reasons = world.says("bob", "terrane apply");
  expect(active(world)).toEqual([["app"], ["db", "net"]]);
  expect(reasons.filter(({ code }) => code === "apply_started")).toMatchObject([
    { dirspaces: ["app:default"] },
    { dirspaces: ["db:default", "net:default"] },
  ]);
});

test("what comes after something in another job is planned by itself once that has no changes", () => {
  const world = opened(ORDERED);
  expect(active(world)).toEqual([["db", "net"]]);
  allPlan(world, "unchanged");
  expect(active(world)).toEqual([["app"]]);
});

test("what comes after something in another job waits where that has changes", () => {
  const world = opened(ORDERED);
  allPlan(world);
  expect(active(world)).toEqual([]);
  expect(world.phases()["app:default"]).toBe("waiting");
});

test("a plan command says what waits for another job of its own", () => {
  const world = opened(ORDERED);
  allPlan(world);
  expect(world.says("bob", "terrane plan")).toContainEqual(
    expect.objectContaining({
      code: "predecessors_unapplied",
      dirspaces: ["app:default"],
      waitFor: ["net:default"],
    }),
  );
});

test("batch_runs makes jobs of at most so many dirspaces", () => {
  const world = opened("batch_runs: {enabled: true, max_workspaces_per_batch: 2}");
  expect(active(world)).toEqual([["app", "db"], ["net"]]);
});

test("batch_runs with one dirspace for each job plans and applies all of them", () => {
  const world = opened("batch_runs: {enabled: true}");
  expect(active(world)).toEqual([["app"], ["db"], ["net"]]);
  allPlan(world);
  world.says("bob", "terrane apply");
  for (const _ of active(world)) world.runnerApplies();
  expect(Object.values(world.phases())).toEqual(["applied", "applied", "applied"]);
});

test("auto_apply starts one job for each environment", () => {
  const world = opened(`${ENVIRONMENTS}
stacks: {names: {all: {tag_query: "", rules: {auto_apply: true}}}}
`);
  world.runnerPlans({});
  // What the first job planned is applied while the other one still plans.
  expect(active(world)).toEqual([["app"], ["db", "net"]]);
  world.runnerPlans({});
  expect(active(world)).toEqual([["db", "net"], ["app"]]);
});
