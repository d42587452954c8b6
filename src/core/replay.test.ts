import { expect, test } from "vitest";
import { CoreWorld } from "../../test/support/core-world.ts";
import { evaluate } from "./evaluate.ts";
import type { PullRequestEvent } from "./event.ts";
import { type Facts, questionKey } from "./fact.ts";
import { type Recorded, replay } from "./replay.ts";

const EVENT = {
  id: "e1",
  at: 5,
  what: { kind: "pull_request_changed", hint: "opened" },
} as unknown as PullRequestEvent;

/** One decision as it would be stored, about a pull request that does not exist any more. */
function recorded(): Recorded {
  const { snapshot } = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  const gone = { kind: "pull_request", view: undefined } as const;
  const facts: Facts = new Map([[questionKey({ kind: "pull_request" }), gone]]);
  const decided = evaluate(snapshot, EVENT, facts);
  if (decided.kind !== "decide") throw new TypeError("it has all it asks for");
  const { writes, effects, reasons } = decided;
  return { snapshot, event: EVENT, facts, writes, effects, reasons };
}

test("S30 a decision made again from what was stored is the same", () => {
  expect(replay(recorded())).toEqual({ kind: "same" });
});

test("S30 any part that comes out otherwise is named, and where it differs first", () => {
  const before = recorded();
  expect(replay({ ...before, reasons: [{ code: "disabled" }] })).toMatchObject({
    kind: "different",
    parts: ["reasons"],
    message: "it differs first at reasons[0].code",
  });
  expect(replay({ ...before, effects: [] })).toMatchObject({
    kind: "different",
    parts: ["effects"],
  });
});

test("S30 without a fact that it was made from it is not replayable, which is no difference", () => {
  expect(replay({ ...recorded(), facts: new Map() })).toEqual({
    kind: "not_replayable",
    because: "it asks for pull_request, which is not stored",
  });
});
