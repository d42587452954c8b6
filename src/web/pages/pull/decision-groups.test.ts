import { expect, test } from "vitest";
import type { DecisionView } from "../../../contract/views.ts";
import { eventWords, groupsOf } from "./decision-groups.ts";

function decision(id: number, ...codes: readonly string[]): DecisionView {
  const reasons = codes.map((code) => ({ code, title: "", cause: "", next: null }));
  return { id: String(id), at: "2026-01-02T03:04:05.000Z", event: "run_progressed", reasons };
}

test("decisions come newest first, and those that changed nothing are gathered", () => {
  const groups = groupsOf([
    decision(9, "I_OBSERVED"),
    decision(10, "I_OBSERVED"),
    decision(11, "I_RUN_FINISHED", "I_OBSERVED"),
    decision(12, "I_EVENT_OUTDATED"),
  ]);
  expect(groups.map(({ quiet, decisions }) => [quiet, decisions.map(({ id }) => id)])).toEqual([
    [true, ["12"]],
    [false, ["11"]],
    [true, ["10", "9"]],
  ]);
});

test("an event that the dashboard does not know shows its own name", () => {
  expect(eventWords("run_ended")).toBe("A run ended");
  expect(eventWords("moon_rose")).toBe("moon_rose");
});
