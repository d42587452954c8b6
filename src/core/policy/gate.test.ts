import fc from "fast-check";
import { expect, test } from "vitest";
import { CoreWorld, person, sha } from "../../../test/support/core-world.ts";
import type { Reason } from "../reason.ts";
import { checkLive } from "../run/live-check.ts";
import type { RaisedGate } from "../run/report.ts";

const NO_CHECKS =
  "apply_requirements:\n  checks: [{tag_query: '', status_checks: {enabled: false}}]";
const FILES = ["net/main.tf", "db/main.tf"];

function gate(more: Partial<RaisedGate> = {}): RaisedGate {
  return {
    token: "sec",
    name: null,
    allOf: [],
    anyOf: [],
    anyOfCount: 1,
    addReviewers: false,
    ...more,
  };
}

/** One directory whose plan raised these gates; `ann` wrote the pull request, `bob` and `cyd` may write. */
function raised(...gates: readonly RaisedGate[]): CoreWorld {
  const world = new CoreWorld(FILES, ["net/main.tf"], NO_CHECKS);
  world.changed();
  world.gates = gates;
  world.runnerPlans({});
  return world;
}

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map(({ code }) => code).filter((code) => code !== "locks_taken");
}

interface Row {
  readonly gate: RaisedGate;
  readonly says: readonly (readonly [who: string, what: string])[];
  readonly outcome: readonly string[];
}

const APPROVE = "terrane gate approve sec";

const TABLE: Readonly<Record<string, Row>> = {
  "nobody said anything": { gate: gate(), says: [], outcome: ["gate_open"] },
  "somebody who may write did": {
    gate: gate(),
    says: [["cyd", APPROVE]],
    outcome: ["apply_started"],
  },
  "the author does not count": { gate: gate(), says: [["ann", APPROVE]], outcome: ["gate_open"] },
  "a count of 0 still wants one": {
    gate: gate({ anyOfCount: 0 }),
    says: [],
    outcome: ["gate_open"],
  },
  "the same person twice is one": {
    gate: gate({ anyOfCount: 2 }),
    says: [
      ["cyd", APPROVE],
      ["cyd", APPROVE],
    ],
    outcome: ["gate_open"],
  },
  "two people are two": {
    gate: gate({ anyOfCount: 2 }),
    says: [
      ["cyd", APPROVE],
      ["bob", APPROVE],
    ],
    outcome: ["apply_started"],
  },
  "somebody else than the named one": {
    gate: gate({ allOf: ["user:dan"] }),
    says: [["cyd", APPROVE]],
    outcome: ["gate_open"],
  },
  "the named one": {
    gate: gate({ allOf: ["user:cyd"] }),
    says: [["cyd", APPROVE]],
    outcome: ["apply_started"],
  },
  "one of a team": {
    gate: gate({ anyOf: ["team:ops", "user:dan"] }),
    says: [["cyd", APPROVE]],
    outcome: ["apply_started"],
  },
  "a term that nobody can read": {
    gate: gate({ allOf: ["security"] }),
    says: [["cyd", APPROVE]],
    outcome: ["gate_unreadable"],
  },
  "another token": {
    gate: gate(),
    says: [["cyd", "terrane gate approve other"]],
    outcome: ["gate_open"],
  },
};

test.each(Object.entries(TABLE))(
  "S14 a gate holds an apply until it is passed: %s",
  (_name, row) => {
    const world = raised(row.gate);
    world.teams.add("ops:cyd");
    for (const [who, what] of row.says) world.says(who, what);
    expect(codes(world.says("bob", "terrane apply"))).toEqual(row.outcome);
  },
);

test("a gate without a token is passed by a review of this commit", () => {
  const world = raised(gate({ token: null }));
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["gate_open"]);
  world.approve("cyd");
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["apply_started"]);
});

test("a gate keeps the dirspaces whose plan raised it, and no others", () => {
  const world = raised(gate());
  const [reason] = world.says("bob", "terrane apply");
  expect(reason).toMatchObject({ code: "gate_open", dirspaces: ["net:default"], token: "sec" });
});

test("S14 an approval holds for its commit: a push asks again", () => {
  const world = raised(gate());
  world.says("cyd", APPROVE);
  world.view = { ...world.view, headSha: sha(9) };
  world.changed();
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["gate_open"]);
});

test("S14 nobody approves for a commit what only an older one's plan asked for", () => {
  const world = raised(gate());
  world.view = { ...world.view, headSha: sha(9) };
  expect(codes(world.says("cyd", APPROVE))).toEqual(["gate_unknown"]);
  world.changed();
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["gate_open"]);
});

test("S14 a gate is judged once more before the apply begins", () => {
  const world = raised(gate({ anyOf: ["team:ops"] }));
  world.teams.add("ops:cyd");
  world.says("cyd", APPROVE);
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["apply_started"]);
  const { id } = world.activeRun("apply");
  const live = () =>
    world.live((facts) =>
      checkLive(world.snapshot, { runId: id, unit: world.state("net:default").key }, facts),
    );
  expect(live().kind).toBe("passed");
  world.teams.delete("ops:cyd");
  const refused = live();
  expect(refused.kind === "refused" ? codes(refused.reasons) : refused.kind).toEqual(["gate_open"]);
});

test("whoever approves what nobody asked for, or their own, is told so", () => {
  const world = raised(gate());
  expect(world.says("cyd", "terrane gate approve x")).toContainEqual({
    code: "gate_unknown",
    tokens: ["x"],
    known: ["sec"],
  });
  expect(codes(world.says("ann", APPROVE))).toEqual(["gate_own"]);
  expect(world.says("cyd", APPROVE)).toContainEqual({
    code: "gate_approved",
    login: "cyd",
    tokens: ["sec"],
    dirspaces: ["net:default"],
  });
  expect(world.snapshot.pullRequest.gateApprovals).toMatchObject([{ by: person("cyd") }]);
});

test("S14 whatever a runner says of gates, the author alone never passes one", () => {
  const term = fc.constantFrom("*", "user:ann", "team:ops", "role:read", "nonsense", "user:bob");
  const any = fc.record({
    token: fc.constantFrom("sec", null),
    name: fc.constant(null),
    allOf: fc.array(term, { maxLength: 3 }),
    anyOf: fc.array(term, { maxLength: 3 }),
    anyOfCount: fc.integer({ min: 0, max: 3 }),
    addReviewers: fc.boolean(),
  });
  fc.assert(
    fc.property(any, (one) => {
      const world = raised(one);
      world.teams.add("ops:ann");
      world.approve("ann");
      world.says("ann", APPROVE);
      expect(codes(world.says("bob", "terrane apply"))).not.toContain("apply_started");
    }),
    { numRuns: 100 },
  );
});
