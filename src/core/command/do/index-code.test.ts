import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../../test/support/core-world.ts";
import type { RepositoryIndex } from "../../change/repository-index.ts";

const CONFIG = "indexer: {enabled: true}\nwhen_modified: {autoplan: false}\n";
const FILES = ["live/eu/main.tf", "live/us/main.tf", "modules/net/main.tf"];
const INDEX: RepositoryIndex = {
  directories: [
    {
      dir: "live/eu",
      references: [
        { kind: "module", dir: "modules/net" },
        { kind: "file", path: "live/names.json", by: "live/eu/main.tf" },
        { kind: "files", dir: "live/eu", pattern: "*.yml", by: "live/eu/main.tf" },
      ],
    },
  ],
  symlinks: [{ path: "live/us", target: "live/eu" }],
  problems: [{ path: "live/us/main.tf", message: "a brace is missing" }],
};

function aWorld(config = CONFIG): CoreWorld {
  return new CoreWorld(FILES, ["modules/net/main.tf"], config);
}

/** The job of the newest run has read the code. */
function reads(world: CoreWorld, index = INDEX) {
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

const SHOWN = {
  code: "index_shown",
  head: sha(10),
  referring: [{ dir: "live/eu", to: ["modules/net", "live/names.json", "live/eu/*.yml"] }],
  referringOmitted: 0,
  links: 1,
  problems: [{ path: "live/us/main.tf", message: "a brace is missing" }],
  problemsOmitted: 0,
};

test("index reads the code in a job, and says what was found once that has read it", () => {
  const world = aWorld();
  expect(world.says("ann", "terrane index")).toMatchObject([{ code: "indexing", number: 1 }]);
  expect(world.snapshot.pullRequest.notice).toMatchObject({ outcome: "accepted" });
  reads(world);
  const { notice } = world.snapshot.pullRequest;
  expect(notice).toMatchObject({ command: "terrane index", actor: "ann", reasons: [SHOWN] });
  // Nothing is planned that nobody asked for, and the job is not left waiting for work.
  expect(world.snapshot.runs.map(({ state, works }) => [state, works])).toEqual([["ended", []]]);
});

test("index says at once what a job has read of this commit before", () => {
  const world = aWorld();
  world.index = INDEX;
  expect(world.says("ann", "terrane index")).toMatchObject([SHOWN]);
  expect(world.snapshot.runs).toEqual([]);
});

test("index has the code read once more where a job could not", () => {
  const world = aWorld();
  world.says("ann", "terrane index");
  world.claims("plan");
  const { id: runId, attemptId } = world.activeRun("plan");
  const how = { kind: "finished", failure: "no space is left" } as const;
  world.happens({ kind: "run_ended", runId, attemptId, how });
  expect(world.says("ann", "terrane index")).toMatchObject([{ code: "indexing", number: 2 }]);
});

test("index does not take the place of a plan that waits for the same job", () => {
  const world = aWorld();
  world.says("ann", "terrane plan");
  expect(world.says("bob", "terrane index")).toMatchObject([{ code: "indexing", number: 1 }]);
  reads(world);
  expect(world.activeRun("plan").works.map(({ dirspace }) => dirspace)).toContain(
    "live/eu:default",
  );
});

test("index is for those who may plan, and says so where the code is not read", () => {
  const world = aWorld("");
  expect(world.says("ann", "terrane index")).toMatchObject([{ code: "indexer_off" }]);
  world.permissions.set("ann", "read");
  expect(world.says("ann", "terrane index")).toMatchObject([
    { code: "not_permitted", needs: "write" },
  ]);
});

test("what is kept of a large index has a limit, and what is missing is counted", () => {
  const world = aWorld();
  const many = Array.from({ length: 200 }, (_, n) => n);
  const references = many.map((n) => ({ kind: "module", dir: `modules/m${n}` }) as const);
  world.index = {
    directories: many.map((n) => ({ dir: `live/d${n}`, references })),
    symlinks: [],
    problems: many.map((n) => ({ path: `p${n}`, message: "x" })),
  };
  const [reason] = world.says("ann", "terrane index");
  expect(JSON.stringify(reason).length).toBeLessThan(3_000);
  expect(reason).toMatchObject({ referringOmitted: 190, problemsOmitted: 197 });
});

test("feedback is marked as heard and kept as a reason, and takes no news away", () => {
  const world = aWorld("");
  world.says("ann", "terrane cancel");
  const { notice } = world.snapshot.pullRequest;
  world.permissions.set("bob", "read");
  const said = world.says("bob", "terrane feedback the table is wide\nand slow");
  expect(said).toEqual([{ code: "feedback_heard", login: "bob", message: "the table is wide" }]);
  expect(world.effects()).toEqual(["acknowledge"]);
  expect(world.snapshot.pullRequest.notice).toEqual(notice);
  expect(world.says("bob", "terrane feedback")).toEqual([{ code: "feedback_usage" }]);
});
