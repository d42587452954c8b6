import { count } from "../base/text.ts";
import { code, inline } from "./escape.ts";
import type { CommentView, GateReport } from "./view.ts";
import { dirspaceName, enumerate, NAME_CHARS_MAX } from "./words.ts";

const SHOWN_MAX = 10;

/** Who has to look at what before the apply, each with the command that says so. */
export function gates({ gates: standing = [] }: CommentView): readonly string[] {
  if (standing.length === 0) return [];
  const items = standing.slice(0, SHOWN_MAX).map(item);
  const more = standing.length - SHOWN_MAX;
  if (more > 0) items.push(`- ${more} more, shown in the dashboard.`);
  return [
    `**Gates:** ${count(standing.length, "approval")} asked for by the plans`,
    items.join("\n"),
  ];
}

function item({ gate, dirspaces, passedBy }: GateReport): string {
  const name = gate.name ?? gate.token ?? "review";
  const places = enumerate(dirspaces.map((key) => code(dirspaceName(key), NAME_CHARS_MAX)));
  const who = [
    ...(gate.allOf.length === 0 ? [] : [`all of ${terms(gate.allOf)}`]),
    ...(gate.anyOf.length === 0 ? [] : [`${Math.max(1, gate.anyOfCount)} of ${terms(gate.anyOf)}`]),
  ];
  const needs =
    who.length === 0 ? count(Math.max(1, gate.anyOfCount), "approval") : who.join(" and ");
  const by = passedBy.length === 0 ? "" : `, approved by ${terms(passedBy)}`;
  const how =
    gate.token === null
      ? "review this commit"
      : `comment ${code(`terrane gate approve ${gate.token}`, NAME_CHARS_MAX)}`;
  return `- ${inline(name)} for ${places}: ${needs}${by}; ${how}`;
}

function terms(texts: readonly string[]): string {
  return enumerate(texts.map((text) => code(text, NAME_CHARS_MAX)));
}
