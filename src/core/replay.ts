import { canonicalJson } from "../base/canonical-json.ts";
import type { Effect, Evaluation, Write } from "./decision.ts";
import { evaluate } from "./evaluate.ts";
import type { PullRequestEvent } from "./event.ts";
import { type Facts, questionKey } from "./fact.ts";
import type { Reason } from "./reason.ts";
import type { Snapshot } from "./snapshot.ts";

/** A decision with all that it was made from. */
export interface Recorded {
  readonly snapshot: Snapshot;
  readonly event: PullRequestEvent;
  readonly facts: Facts;
  readonly writes: readonly Write[];
  readonly effects: readonly Effect[];
  readonly reasons: readonly Reason[];
}

export type Replayed =
  | { readonly kind: "same" }
  /** S30 does not hold, or this version decides otherwise than the one that decided it. */
  | { readonly kind: "different"; readonly parts: readonly string[]; readonly message: string }
  /** Not all of what it was made from is there. */
  | { readonly kind: "not_replayable"; readonly because: string };

/** Makes a decision once more from what was stored with it, and compares all that it gives. */
export function replay(recorded: Recorded): Replayed {
  const { snapshot, event, facts } = recorded;
  let again: Evaluation;
  try {
    again = evaluate(snapshot, event, facts);
  } catch (error) {
    return { kind: "different", parts: ["error"], message: String(error) };
  }
  switch (again.kind) {
    case "ask": {
      const keys = again.questions.map(questionKey).join(", ");
      return { kind: "not_replayable", because: `it asks for ${keys}, which is not stored` };
    }
    case "hold": {
      const message = `it wants to hold ${again.dirspaces.length} rows that it did not hold then`;
      return { kind: "different", parts: ["held"], message };
    }
    case "decide":
      return compare(recorded, again);
  }
}

const PARTS = ["writes", "effects", "reasons"] as const;

function compare(recorded: Recorded, again: Extract<Evaluation, { kind: "decide" }>): Replayed {
  // Servers from before did not say where rules stand; what they did say has to be the same.
  const read = mentionsRules(recorded) ? plain : (value: unknown) => withoutRules(plain(value));
  const found = PARTS.flatMap((part) => {
    const at = difference(plain(recorded[part]), read(again[part]), part);
    return at === undefined ? [] : [{ part, at }];
  });
  const [first] = found;
  if (first === undefined) return { kind: "same" };
  const parts = found.map(({ part }) => part);
  return { kind: "different", parts, message: `it differs first at ${first.at}` };
}

/** As it is stored: without what JSON leaves out. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function mentionsRules({ writes, reasons }: Recorded): boolean {
  return JSON.stringify([writes, reasons]).includes('"rules":');
}

function withoutRules(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRules);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key]) => key !== "rules");
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutRules(inner)]));
}

/** The path of the first difference, as in `writes[2].run.units`; undefined where there is none. */
function difference(before: unknown, after: unknown, path: string): string | undefined {
  if (canonicalJson(before) === canonicalJson(after)) return undefined;
  if (isRecord(before) && isRecord(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) {
      if (!(key in before) || !(key in after)) return inside(path, key, before);
      const found = difference(before[key], after[key], inside(path, key, before));
      if (found !== undefined) return found;
    }
  }
  return path;
}

function inside(path: string, key: string, of: object): string {
  return Array.isArray(of) ? `${path}[${key}]` : `${path}.${key}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object";
}
