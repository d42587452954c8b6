import { printMatch } from "../../core/config/match.ts";
import type { Gate } from "../../core/config/step.ts";
import type { NewUnit } from "../../core/decision.ts";
import type { RaisedGate } from "../../core/run/report.ts";

/**
 * What a run has approvals for: in a plan everything can still be asked for. Existing runners go on with an apply after
 * a failure that has a gate, whoever approved it or nobody, so they are told of a gate only where it was passed.
 */
export type Approved = "plan" | readonly RaisedGate[];

export function isPassed(gate: Gate, approved: Approved): boolean {
  return approved === "plan" || approved.some((each) => isSame(each, gate));
}

/** A hook speaks for all dirspaces of its run, so all of them must have been approved. */
export function approvedByAll(units: readonly NewUnit[]): readonly RaisedGate[] {
  const [first, ...others] = units.map(({ plan }) => plan?.gates ?? []);
  return (first ?? []).filter((gate) =>
    others.every((gates) => gates.some((each) => keyOf(each) === keyOf(gate))),
  );
}

function isSame(raised: RaisedGate, { token, allOf, anyOf, anyOfCount }: Gate): boolean {
  const written = { allOf: allOf.map(printMatch), anyOf: anyOf.map(printMatch), anyOfCount };
  return keyOf(raised) === keyOf({ token: token ?? null, ...written });
}

/** Its name is for people, and not every existing runner tells it. */
function keyOf(gate: Omit<RaisedGate, "name" | "addReviewers">): string {
  const { token, allOf, anyOf, anyOfCount } = gate;
  return JSON.stringify([token, allOf, anyOf, anyOfCount]);
}
