import type { Prng } from "../../../../src/base/prng.ts";
import type { NewUnit } from "../../../../src/core/decision.ts";
import type { RaisedGate } from "../../../../src/core/run/report.ts";
import type { RunSettings } from "../../../../src/core/run/settings.ts";

const GATE = { token: "security", name: null, allOf: [], anyOf: [], addReviewers: false } as const;

/** What a tool may ask for: anybody who may write, two of some, one of them surely, or a review. */
const GATES: readonly RaisedGate[] = [
  { ...GATE, anyOfCount: 1 },
  { ...GATE, anyOf: ["user:ann", "user:bob", "user:cara"], anyOfCount: 2 },
  { ...GATE, token: "owner", allOf: ["user:cara"], anyOfCount: 0 },
  { ...GATE, anyOf: ["team:ops"], anyOfCount: 1 },
  { ...GATE, token: null, name: "look", anyOfCount: 1 },
];

/** What a tool finds differs from plan to plan, and mostly it finds something. */
export function found(rng: Prng): readonly RaisedGate[] {
  if (rng.chance(0.2)) return [];
  return rng.chance(0.2) ? rng.shuffle(GATES).slice(0, 2) : [rng.pick(GATES)];
}

export function asksInSteps({ affected }: NewUnit): boolean {
  return affected.workflow.plan.some(({ type }) => type === "gates");
}

export function asksInHooks(settings: RunSettings | undefined): boolean {
  return settings?.hooks.post.some(({ type }) => type === "gates") === true;
}
