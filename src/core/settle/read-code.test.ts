import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { RepositoryIndex } from "../change/repository-index.ts";
import type { Effect } from "../decision.ts";

const CONFIG = "indexer: {enabled: true}\n";
const FILES = ["live/eu/main.tf", "live/us/main.tf", "modules/net/main.tf"];
const INDEX: RepositoryIndex = {
  directories: [{ dir: "live/eu", references: [{ kind: "module", dir: "modules/net" }] }],
  symlinks: [],
  problems: [],
};

function opened(changed: readonly string[] = ["modules/net/main.tf"], config = CONFIG): CoreWorld {
  const world = new CoreWorld(FILES, changed, config);
  world.changed();
  return world;
}

/** The job of the newest run has read the code. */
function reads(world: CoreWorld, index: RepositoryIndex = INDEX) {
  world.claims("plan");
  world.index = index;
  const run = world.activeRun("plan");
  const runs = world.snapshot.runs.map((one) =>
    one.id === run.id && one.preparing !== undefined
      ? { ...one, preparing: { ...one.preparing, prepared: ["index"] as const } }
      : one,
  );
  world.snapshot = { ...world.snapshot, runs };
  return world.happens({ kind: "run_progressed", runId: run.id });
}

function runs(world: CoreWorld) {
  return world.snapshot.runs.map(({ number, state, outcome, works }) => ({
    number,
    state,
    outcome,
    works: works.map(({ dirspace }) => dirspace),
  }));
}

function dispatches(world: CoreWorld): readonly Effect[] {
  return (world.last?.effects ?? []).filter(({ kind }) => kind === "dispatch");
}

const EMPTY = { directories: [], symlinks: [], problems: [] };

test("one run without dirspaces reads the code where the configuration enables it", () => {
  const world = opened();
  expect(world.asked).toContain(`index:${sha(10)}`);
  expect(runs(world)).toEqual([{ number: 1, state: "queued", outcome: undefined, works: [] }]);
  expect(world.activeRun("plan").preparing?.prepares).toEqual(["index"]);
  expect(dispatches(world)).toHaveLength(1);
  expect(world.last?.reasons).toContainEqual({
    code: "indexing",
    runId: world.activeRun("plan").id,
    number: 1,
    rules: [{ path: "indexer.enabled", file: ".terrane/config.yml", line: 1 }],
  });
  expect(world.snapshot.pullRequest.notice).toBeUndefined();
});

test("nothing is asked about the code where nobody wants it read", () => {
  const world = opened(["live/eu/main.tf"], "");
  expect(world.asked.filter((key) => key.startsWith("index"))).toEqual([]);
  expect(world.activeRun("plan").preparing).toBeUndefined();
});

test("two jobs never read the code of one head", () => {
  const world = opened();
  world.changed();
  world.says("bob", "terrane plan");
  expect(runs(world)).toHaveLength(1);
});

test("the job that read the code gets what it affects, and no other job is started", () => {
  const world = opened();
  const reasons = reads(world);
  expect(runs(world)).toEqual([
    { number: 1, state: "running", outcome: undefined, works: ["live/eu:default"] },
  ]);
  expect(dispatches(world)).toEqual([]);
  expect(reasons).toContainEqual({
    code: "plan_started",
    runId: world.activeRun("plan").id,
    dirspaces: ["live/eu:default"],
    why: "changed",
  });
  world.runnerPlans({});
  expect(world.phases()).toEqual({ "live/eu:default": "planned" });
});

test("a base that moved meanwhile is the one that is planned with", () => {
  const world = opened();
  world.view = { ...world.view, baseSha: sha(2) };
  reads(world);
  expect(world.activeRun("plan").baseSha).toBe(sha(2));
  expect(world.state("live/eu:default").plan?.baseSha).toBe(sha(2));
});

test("what needs an environment gets a job of its own, and the job that read the code gets the rest", () => {
  const environments = `${CONFIG}workflows: [{tag_query: "dir:live/eu", environment: prod}]\n`;
  const world = opened(["live/eu/main.tf", "live/us/main.tf"], environments);
  reads(world, EMPTY);
  expect(runs(world).map(({ works }) => works)).toEqual([["live/us:default"], ["live/eu:default"]]);
  expect(dispatches(world)).toHaveLength(1);
});

test("where everything needs an environment, the job that read the code ends", () => {
  const world = opened(
    ["live/eu/main.tf"],
    `${CONFIG}workflows: [{tag_query: "", environment: prod}]\n`,
  );
  reads(world, EMPTY);
  expect(runs(world).map(({ state, outcome }) => ({ state, outcome }))).toEqual([
    { state: "ended", outcome: "finished" },
    { state: "queued", outcome: undefined },
  ]);
});

test("a change that affects nothing ends the run in order", () => {
  const world = opened(["README.md"]);
  const reasons = reads(world);
  expect(runs(world)).toEqual([{ number: 1, state: "ended", outcome: "finished", works: [] }]);
  expect(reasons).toContainEqual(
    expect.objectContaining({ code: "nothing_affected", deletedDirs: [] }),
  );
  expect(world.effects()).not.toContain("cancel");
});

test("S13 a push supersedes the job that reads the old head, and the new one is read", () => {
  const world = opened();
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  expect(runs(world).map(({ outcome }) => outcome)).toEqual(["superseded", undefined]);
  expect(world.effects()).toContain("cancel");
  expect(world.activeRun("plan").headSha).toBe(sha(11));
});

test("a head that comes back is read again, because its job was ended by us", () => {
  const world = opened();
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  world.view = { ...world.view, headSha: sha(10) };
  world.changed();
  expect(world.activeRun("plan").headSha).toBe(sha(10));
});

test.each([
  ["dies", "lost", (world: CoreWorld) => world.ends(world.activeRun("plan").id, "failure")],
  ["ends without a word", "finished", (world: CoreWorld) => world.ends(world.activeRun("plan").id)],
  [
    "goes silent",
    "lost",
    (world: CoreWorld) =>
      world.happens({ kind: "run_went_silent", runId: world.activeRun("plan").id }),
  ],
])(
  "a job that %s before it read the code leaves a notice and is not repeated",
  (_, outcome, end) => {
    const world = opened();
    world.claims("plan");
    end(world);
    expect(runs(world)).toEqual([{ number: 1, state: "ended", outcome, works: [] }]);
    const { notice } = world.snapshot.pullRequest;
    expect(notice).toMatchObject({
      outcome: "refused",
      reasons: [{ code: "not_indexed", number: 1 }],
    });
    world.changed();
    expect(runs(world)).toHaveLength(1);
    expect(world.snapshot.pullRequest.notice?.reasons).toEqual(notice?.reasons);
  },
);

test("`terrane plan` has the code read again after that went wrong, and clears the notice", () => {
  const world = opened();
  world.ends(world.activeRun("plan").id, "failure");
  const reasons = world.says("bob", "terrane plan");
  expect(reasons).toContainEqual(expect.objectContaining({ code: "indexing", number: 2 }));
  expect(world.snapshot.pullRequest.notice).toMatchObject({ outcome: "accepted" });
  reads(world);
  expect(world.phases()).toEqual({ "live/eu:default": "planning" });
});

test("a command that waits for the code goes on by itself, also where planning is not automatic", () => {
  const world = opened(undefined, `${CONFIG}when_modified: {autoplan: false}\n`);
  world.says("bob", "terrane plan dir:live/eu");
  expect(world.snapshot.pullRequest.notice).toMatchObject({
    outcome: "accepted",
    reasons: [{ code: "indexing" }],
  });
  reads(world);
  expect(runs(world).map(({ works }) => works)).toEqual([["live/eu:default"]]);
  expect(world.activeRun("plan").actor?.login).toBe("bob");
  expect(world.snapshot.pullRequest.notice).toMatchObject({
    outcome: "accepted",
    reasons: [{ code: "plan_started", why: "asked" }],
  });
});

test("S15 who lost the right to plan meanwhile has nothing planned", () => {
  const world = opened(undefined, `${CONFIG}when_modified: {autoplan: false}\n`);
  world.says("bob", "terrane plan");
  world.permissions.set("bob", "read");
  reads(world);
  expect(runs(world)).toEqual([{ number: 1, state: "ended", outcome: "finished", works: [] }]);
  expect(world.snapshot.pullRequest.notice?.reasons).toMatchObject([{ code: "not_permitted" }]);
});

test("an apply is refused while the code is read", () => {
  const world = opened();
  world.says("bob", "terrane apply");
  expect(world.snapshot.pullRequest.notice).toMatchObject({
    outcome: "refused",
    reasons: [{ code: "indexing" }],
  });
  expect(runs(world)).toHaveLength(1);
});

test("a pull request that is closed ends the job that reads its code", () => {
  const world = opened();
  world.view = { ...world.view, state: "closed" };
  world.changed();
  expect(runs(world)).toMatchObject([{ state: "ended", outcome: "cancelled" }]);
  expect(world.effects()).toContain("cancel");
});

test("where another pull request had the same commit read, its own job is filled or not needed", () => {
  const needed = opened();
  needed.index = INDEX;
  needed.changed();
  expect(runs(needed)).toMatchObject([{ state: "queued", works: ["live/eu:default"] }]);
  const idle = opened(["README.md"]);
  idle.index = INDEX;
  idle.changed();
  expect(runs(idle)).toMatchObject([{ state: "ended", outcome: "cancelled" }]);
});

test("S11 a module that came into the base makes the plans of its callers stale", () => {
  const world = opened();
  reads(world);
  world.runnerPlans({});
  world.view = { ...world.view, baseSha: sha(2) };
  const moved = [{ kind: "modified", path: "modules/net/main.tf" }] as const;
  world.baseChanges.set(`${sha(1)}..${sha(2)}`, moved);
  world.happens({ kind: "base_moved", after: sha(2) });
  expect(world.state("live/eu:default").plan?.runNumber).toBe(2);
});

test("a waiting command that turns out to match nothing says so", () => {
  const world = opened();
  world.says("bob", "terrane plan dir:nowhere");
  reads(world);
  expect(world.snapshot.pullRequest.notice?.reasons).toMatchObject([
    { code: "query_matches_nothing" },
  ]);
  // What is planned by itself is planned all the same.
  expect(world.phases()).toEqual({ "live/eu:default": "planning" });
});
