import { explainTarget } from "../change/why-not.ts";
import { whyText } from "../change/why-text.ts";
import type { Facts } from "../fact.ts";
import { prepare } from "../inputs.ts";
import type { Reason } from "../reason.ts";
import type { RuleBook } from "../rule/rule-book.ts";
import type { Snapshot } from "../snapshot.ts";

/** What is said of a directory, dirspace or file, from what a decision was made from. */
export type WhyTarget =
  | { readonly kind: "explained"; readonly affected: boolean; readonly texts: readonly string[] }
  /** The change was not looked at: something stopped it before. */
  | { readonly kind: "stopped"; readonly reasons: readonly Reason[] }
  /** What it would be said from is not kept. */
  | { readonly kind: "unknown" };

/** Why something is part of the change that was looked at, or is not. */
export function whyTarget(snapshot: Snapshot, facts: Facts, target: string): WhyTarget {
  const prepared = prepare(snapshot, facts);
  if (prepared.kind === "stopped") return prepared;
  if (prepared.kind !== "ready" || prepared.inputs.repository === undefined) {
    return { kind: "unknown" };
  }
  const { affected, repository, changes = [] } = prepared.inputs;
  const why = explainTarget({ prepared: repository, changes, affected }, target);
  return { kind: "explained", affected: why.affected, texts: why.reasons.map(whyText) };
}

/** The rules that the decision was made by; undefined where they are not kept. */
export function bookOf(snapshot: Snapshot, facts: Facts): RuleBook | undefined {
  const prepared = prepare(snapshot, facts);
  if (prepared.kind === "ask") return undefined;
  return prepared.kind === "ready" ? prepared.inputs.book : prepared.book;
}
