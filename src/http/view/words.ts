import type { Instant } from "../../base/brand.ts";
import { unreachable } from "../../base/unreachable.ts";
import { explain } from "../../comment/reason-text.ts";
import type { ReasonView, RuleView } from "../../contract/views.ts";
import type { Reason } from "../../core/reason.ts";
import { placeText } from "../../core/rule/place-text.ts";
import type { RulePlace } from "../../core/rule/rule-place.ts";
import type { StaleBecause } from "../../core/run/work.ts";
import type { LockRecord } from "../../core/snapshot.ts";

export function iso(instant: Instant): string {
  return new Date(instant).toISOString();
}

export function isoOrNull(instant: Instant | undefined): string | null {
  return instant === undefined ? null : iso(instant);
}

export function reasonView(reason: Reason): ReasonView {
  const { code, title, cause, next } = explain(reason);
  const rules = (reason.rules ?? []).map(ruleView);
  return { code, title, cause, next: next ?? null, ...(rules.length === 0 ? {} : { rules }) };
}

export function ruleView(place: RulePlace): RuleView {
  const { path, file, line } = place;
  return { path, file: file ?? null, line: line ?? null, text: placeText(place) };
}

export function lockText(because: LockRecord["because"]): string {
  switch (because) {
    case "applied":
      return "its changes are applied and not merged";
    case "merged":
      return "its changes are merged and not applied";
    default:
      return unreachable(because);
  }
}

export function staleText(because: StaleBecause): string {
  switch (because.kind) {
    case "base_moved":
      return `The base branch moved to \`${because.to.slice(0, 7)}\` with changes that this plan has not seen.`;
    case "settings_changed":
      return `The configuration says something else about ${settingWords(because)} than when it was planned.`;
    case "applied_elsewhere":
      return "Something else was applied here since it was planned.";
    case "apply_failed":
      return "An apply of it failed, so what it would do is no longer known.";
    case "unlocked":
      return "It was unlocked since it was planned.";
    default:
      return unreachable(because);
  }
}

function settingWords({
  keys,
  rules,
}: Extract<StaleBecause, { kind: "settings_changed" }>): string {
  const places = rules.filter(({ file }) => file !== undefined).map(placeText);
  const names = keys.map((key) => `\`${key}\``).join(", ");
  return places.length === 0 ? names : `${names} (${places.join(", ")})`;
}
