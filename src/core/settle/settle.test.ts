import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { Reason } from "../reason.ts";

const FILES = ["net/main.tf", "db/main.tf", "app/main.tf"];

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

function planned(changed: readonly string[] = ["net/main.tf"], config?: string): CoreWorld {
  const world = new CoreWorld(FILES, changed, config);
  world.changed();
  world.runnerPlans({});
  return world;
}

function pushed(world: CoreWorld, head: number): readonly string[] {
  world.view = { ...world.view, headSha: sha(head) };
  return codes(world.changed());
}

test("S7 what was applied stays locked when a later apply is refused before it began", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.runnerApplies();
  pushed(world, 11);
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  expect(world.ownLocks()).toEqual(["net:default"]);
  // The grant was refused: nothing of this apply began, the one before it still stands.
  world.ends(world.activeRun("apply").id);
  expect(world.ownLocks()).toEqual(["net:default"]);
  world.changed();
  expect(world.ownLocks()).toEqual(["net:default"]);
});

test("S13 a push after a failed apply is planned by itself", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.runnerApplies("failed");
  expect(world.phases()["net:default"]).toBe("apply_failed");
  expect(pushed(world, 11)).toContain("plan_started");
});

test("a pull request that is opened again is planned again where closing it stopped the plan", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.view = { ...world.view, state: "closed" };
  expect(codes(world.changed())).toContain("run_cancelled");
  world.view = { ...world.view, state: "open" };
  expect(codes(world.changed())).toContain("plan_started");
});

test("a pull request that is opened again is planned again in all of its runs, however many there were", () => {
  const dirs = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `d${n}/main.tf`);
  const world = new CoreWorld(dirs, dirs, "batch_runs: {enabled: true}");
  world.changed();
  expect(world.snapshot.runs).toHaveLength(8);
  world.view = { ...world.view, state: "closed" };
  world.changed();
  world.keepsLatestRuns();
  world.view = { ...world.view, state: "open" };
  world.changed();
  expect(new Set(Object.values(world.phases()))).toEqual(new Set(["planning"]));
});

test("S6 a plan that another pull request's running apply outdates is made again when that has ended, not before", () => {
  const world = planned();
  world.applyingElsewhere("net:default", 8);
  const reasons = world.happens({ kind: "neighbour_changed", number: 8, because: "locked" });
  expect(codes(reasons)).not.toContain("plan_started");
  expect(reasons).toContainEqual({ code: "apply_in_flight", dirspaces: ["net:default"], by: 8 });
  world.appliesNoMore("net:default");
  const after = world.happens({ kind: "neighbour_changed", number: 8, because: "applied" });
  expect(codes(after)).toContain("plan_started");
});

test("L34 the locks of a pull request that its VCS no longer knows can be released", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.runnerApplies();
  world.gone = true;
  expect(codes(world.changed())).toEqual(["pull_request_gone"]);
  expect(world.ownLocks()).toEqual(["net:default"]);
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["pull_request_gone"]);
  expect(codes(world.says("bob", "terrane unlock"))).toContain("locks_released");
  expect(world.ownLocks()).toEqual([]);
});

const NO_LOCKS = `
workflows:
  - tag_query: ""
    lock_policy: none
`;

test("a directory that is never locked is not locked either once it has left the change", () => {
  const world = planned(["net/main.tf", "app/main.tf"], NO_LOCKS);
  world.says("bob", "terrane apply dir:net");
  world.runnerApplies();
  expect(world.ownLocks()).toEqual([]);
  world.changes = [{ kind: "modified", path: "app/main.tf" }];
  pushed(world, 11);
  expect(world.ownLocks()).toEqual([]);
});

const MIXED = `
workflows:
  - tag_query: "dir:net"
    lock_policy: none
  - tag_query: ""
`;

test("an apply takes no lock where nothing that it applies asks for one", () => {
  const world = planned(["net/main.tf", "app/main.tf"], MIXED);
  expect(codes(world.says("bob", "terrane apply dir:net"))).not.toContain("locks_taken");
  expect(world.ownLocks()).toEqual([]);
  expect(codes(world.says("bob", "terrane apply dir:app"))).toContain("locks_taken");
});

test("S3 a job that claimed its run after all is not ended by the word that it never came", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.claims("apply");
  world.grantWork("net:default");
  const run = world.activeRun("apply");
  const how = { kind: "never_started", message: "nobody came" } as const;
  const { id: runId, attemptId } = run;
  expect(codes(world.happens({ kind: "run_ended", runId, attemptId, how }))).toEqual([
    "event_outdated",
  ]);
  expect(world.phases()["net:default"]).toBe("applying");
});

test("S7 a plan without changes counts as applied when the pull request is merged, and no lock stays", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.runnerPlans({ "net:default": "unchanged" });
  world.view = { ...world.view, state: "merged", mergeSha: sha(2), baseSha: sha(2) };
  world.baseChanges.set(`${sha(1)}..${sha(2)}`, [{ kind: "modified", path: "net/main.tf" }]);
  expect(codes(world.changed())).not.toContain("plan_started");
  expect(world.phases()["net:default"]).toBe("unchanged");
  expect(world.ownLocks()).toEqual([]);
});

test("S7 a merged pull request that is done takes no lock again when others apply the same directory", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.runnerPlans({ "net:default": "unchanged" });
  world.view = { ...world.view, state: "merged", mergeSha: sha(2) };
  world.changed();
  world.appliedElsewhere("net:default");
  world.happens({ kind: "neighbour_changed", number: 9, because: "applied" });
  expect(world.phases()["net:default"]).toBe("unchanged");
  expect(world.ownLocks()).toEqual([]);
  // Planning it again by hand shows what there is, and still owns nothing.
  world.says("bob", "terrane plan");
  world.runnerPlans({ "net:default": "changed" });
  expect(world.ownLocks()).toEqual([]);
});

const CENTRAL = [
  { kind: "text", path: "config/defaults.yml", text: "parallel_runs: 2\n" },
] as const;

test.each<[string, (world: CoreWorld) => void]>([
  ["has a conflict", (world) => (world.view = { ...world.view, mergeable: "conflict" })],
  ["is switched off", (world) => (world.config = "enabled: false\n")],
  ["has code that has to be read first", (world) => (world.config = "indexer: {enabled: true}\n")],
])(
  "S21 a pull request that %s is not looked at again and again because the central repository moved",
  (_, stops) => {
    const world = new CoreWorld(FILES, ["net/main.tf", "db/main.tf"]);
    world.centralFiles = CENTRAL;
    world.changed();
    const before = world.snapshot.pullRequest.changeSet;
    expect(before?.central).toBeDefined();
    stops(world);
    world.centralFiles = undefined;
    world.changed();
    const { changeSet } = world.snapshot.pullRequest;
    expect(changeSet?.central).toBeUndefined();
    // All the rest is still what was made last.
    expect({ ...changeSet, central: before?.central }).toEqual(before);
    const affected = world.snapshot.dirspaces.filter((state) => state.affected !== undefined);
    expect(affected.map(({ key }) => key)).toEqual(["db:default", "net:default"]);
    world.centralFiles = CENTRAL;
    world.changed();
    expect(world.snapshot.pullRequest.changeSet).toEqual(before);
  },
);
