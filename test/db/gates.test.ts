import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EventId } from "../../src/core/ids.ts";
import { COUNTS, type EngineLab, engineLab } from "../support/engine-lab.ts";

const GATE = {
  token: "security",
  name: "Security",
  allOf: ["user:cyd"],
  anyOf: [],
  anyOfCount: 1,
  addReviewers: false,
};

const HOOK = {
  step: "run",
  title: "./report",
  visibleOn: "failure",
  format: { type: "code" },
  exitCode: 1,
  durationMs: 5,
} as const;

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = ["net/main.tf", "db/main.tf", "dns/main.tf"];
});

afterAll(() => lab.close());

beforeEach(() => {
  lab.vcs.config = undefined;
});

function comment(number: number): string {
  return lab.vcs.comments.get(`${number}:terrane`) ?? "";
}

test("S14 a hook after the dirspaces holds all of its run, also while it has not said what it wants", async () => {
  lab.vcs.config = "hooks:\n  plan:\n    post: [{type: gates, cmd: [ask]}]\n";
  await lab.open(2, ["dns/main.tf"]);
  const session = await lab.claim(2);
  const digest = "d".repeat(64);
  const [unit] = session.run.units;
  if (unit === undefined) throw new Error("the run has a unit");
  await lab.engine.runner.heartbeat(session, [unit.dirspace]);
  await lab.engine.runner.report(
    session,
    unit.dirspace,
    {
      outcome: "planned",
      changed: true,
      planDigest: digest,
      counts: COUNTS,
      changes: [],
      text: "",
    },
    5,
  );
  await lab.drain();
  await lab.say(2, "bob", "terrane apply");
  expect(comment(2)).toContain("The run has not said what to look at");

  const hook = { ...HOOK, outcome: "failed", text: "no answer" } as const;
  const hooks = { pre: [], post: [hook] };
  await lab.engine.runner.finish(session, { failure: undefined, gates: [GATE], hooks });
  await lab.drain();
  expect(comment(2)).toMatch(/Hooks of run 1: failed[^]*no answer/);
  await lab.say(2, "bob", "terrane apply");
  expect(comment(2)).toContain("A gate is closed");
  await lab.say(2, "cyd", "terrane gate approve security");
  await lab.say(2, "bob", "terrane apply");
  const apply = await lab.claim(2);
  expect(apply.run.kind).toBe("apply");
  expect(apply.run.units[0]?.plan?.gates).toEqual([GATE]);
});

test("S14 a job that ended without a word about what its hooks want lets nothing be applied", async () => {
  lab.vcs.config = "hooks:\n  plan:\n    post: [{type: gates, cmd: [ask]}]\n";
  await lab.open(3, ["dns/main.tf"]);
  await lab.plans(await lab.claim(3));
  await lab.say(3, "bob", "terrane apply");
  expect(comment(3)).toContain("The run has not said what to look at");
});

test("S14 what a plan's step asked for holds its own apply, and nothing else, until it is approved", async () => {
  await lab.open(1, ["net/main.tf", "db/main.tf"]);
  await lab.plans(await lab.claim(1), { "net:default": { gates: [GATE] } });
  expect(comment(1)).toContain("**Gates:** 1 approval");
  expect(comment(1)).toContain("`terrane gate approve security`");

  await lab.say(1, "bob", "terrane apply dir:net");
  expect(comment(1)).toContain("A gate is closed");
  await lab.say(1, "bob", "terrane apply dir:db");
  expect(await lab.applies(await lab.claim(1))).toEqual([]);

  await lab.say(1, "bob", "terrane gate approve security");
  await lab.say(1, "bob", "terrane apply dir:net");
  expect(comment(1)).toContain("A gate is closed");
  await lab.say(1, "cyd", "terrane gate approve security");
  expect(comment(1)).toContain("approved by `bob` and `cyd`");
  await lab.say(1, "bob", "terrane apply dir:net");
  expect(await lab.applies(await lab.claim(1))).toEqual([]);
});

test("a gate's people are asked for a review, and who cannot be asked is said and is no failure", async () => {
  lab.vcs.strangers.add("eve");
  const id = await lab.open(40, ["net/main.tf"]);
  const gate = { ...GATE, anyOf: ["user:eve", "team:security"], addReviewers: true };
  await lab.plans(await lab.claim(40), { "net:default": { gates: [gate] } });
  expect(lab.vcs.asked).toEqual(["user:cyd", "user:eve", "team:security"]);
  const { rows } = await sql<{ reasons: readonly { code: string; names?: readonly string[] }[] }>`
    select reasons from decision where pull_request_id = ${id}
  `.execute(lab.database.statements);
  const said = rows
    .flatMap(({ reasons }) => reasons)
    .filter(({ code }) => code.startsWith("review"));
  expect(said.map(({ code, names }) => [code, names])).toEqual([
    ["reviewers_asked", ["user:cyd", "user:eve", "team:security"]],
    ["reviewers_unasked", ["user:eve"]],
  ]);
  await lab.say(40, "bob", "terrane plan");
  await lab.plans(await lab.claim(40), { "net:default": { gates: [gate] } });
  expect(lab.vcs.asked).toHaveLength(3);
});

test("S27 L40 gates that a job names after the CI system said that it is over are shown", async () => {
  lab.vcs.config = "hooks:\n  plan:\n    post: [{type: gates, cmd: [ask]}]\n";
  await lab.open(60, ["net/main.tf"]);
  const session = await lab.claim(60);
  const { runner } = lab.engine;
  const units = session.run.units.map((unit) => unit.dirspace);
  await runner.heartbeat(session, units);
  for (const unit of units) {
    const planned = { outcome: "planned", changed: true, planDigest: "e".repeat(64) } as const;
    await runner.report(session, unit, { ...planned, counts: COUNTS, changes: [], text: "" }, 5);
  }
  const ended = { kind: "ci_ended", conclusion: "timed_out" } as const;
  await lab.ports.store.endAttempt(session.attempt, randomUUID() as EventId, ended);
  await lab.drain();
  expect(comment(60)).not.toContain("**Gates:**");
  await runner.finish({ ...session, over: true }, { failure: undefined, gates: [GATE] });
  await lab.drain();
  expect(comment(60)).toContain("**Gates:** 1 approval");
});
