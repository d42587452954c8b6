import { expect, test } from "vitest";
import { CoreWorld, person, sha } from "../../../test/support/core-world.ts";
import type { RaisedGate } from "../run/report.ts";

function gate(more: Partial<RaisedGate>): RaisedGate {
  const nobody = { token: "sec", name: null, allOf: [], anyOf: [], anyOfCount: 1 };
  return { ...nobody, addReviewers: true, ...more };
}

/** What is asked of the VCS, and the reasons beside it, when the plan of a directory raises these gates. */
function raise(world: CoreWorld, ...gates: readonly RaisedGate[]) {
  world.gates = gates;
  world.runnerPlans({});
  return asked(world);
}

function asked(world: CoreWorld) {
  return (world.last?.effects ?? []).flatMap((effect) =>
    effect.kind === "ask_reviewers" ? [...effect.users, ...effect.teams.map((t) => `@${t}`)] : [],
  );
}

function opened(): CoreWorld {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  world.changed();
  return world;
}

const TABLE: Readonly<
  Record<string, { readonly gate: Partial<RaisedGate>; readonly asked: readonly string[] }>
> = {
  "people and teams": {
    gate: { allOf: ["user:bob"], anyOf: ["team:security", "user:cyd"] },
    asked: ["bob", "cyd", "@security"],
  },
  "nobody where it does not want that": {
    gate: { allOf: ["user:bob"], addReviewers: false },
    asked: [],
  },
  "nobody for a role, for everybody, and for what cannot be read": {
    gate: { allOf: ["role:admin", "*", "bob"] },
    asked: [],
  },
  "not the author": { gate: { anyOf: ["user:Ann", "user:bob"] }, asked: ["bob"] },
};

test.each(Object.entries(TABLE))("a gate asks for reviews: %s", (_, row) => {
  expect(raise(opened(), gate(row.gate))).toEqual(row.asked);
});

test("a gate that names the author says that nobody can ask them", () => {
  const world = opened();
  raise(world, gate({ allOf: ["user:ann"] }));
  const reasons = world.last?.reasons ?? [];
  expect(reasons).toContainEqual({ code: "reviewers_unasked", names: ["user:ann"], why: "author" });
});

test("S25 whoever was asked is not asked again for the same commit, and is for the next one", () => {
  const world = opened();
  const bob = gate({ allOf: ["user:bob"] });
  expect(raise(world, bob)).toEqual(["bob"]);
  world.happens({ kind: "command_given", actor: person("ann"), text: "terrane plan", via: "api" });
  expect(raise(world, bob, gate({ token: "ops", anyOf: ["user:cyd"] }))).toEqual(["cyd"]);
  const keys = (world.last?.effects ?? []).filter(({ kind }) => kind === "ask_reviewers");
  expect(keys[0]?.key).toMatch(/:1$/);
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  expect(raise(world, bob)).toEqual(["bob"]);
});

test("whoever has reviewed this commit is not asked to", () => {
  const world = opened();
  const { headSha } = world.view;
  world.view = {
    ...world.view,
    reviews: [{ reviewer: person("bob"), verdict: "approved", commit: headSha }],
  };
  world.happens({ kind: "review_changed" });
  expect(raise(world, gate({ allOf: ["user:bob"], anyOf: ["user:cyd"] }))).toEqual(["cyd"]);
});
