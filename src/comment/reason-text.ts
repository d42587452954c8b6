import type { Reason, ReasonCode } from "../core/reason.ts";
import { placeText } from "../core/rule/place-text.ts";
import { DONE } from "./reason/done.ts";
import { IDLE } from "./reason/idle.ts";
import { REFUSED } from "./reason/refused.ts";
import type { ReasonOf, ReasonText, Texts } from "./reason/text.ts";
import { whyShownText } from "./reason/why.ts";

const TEXTS: Texts<ReasonCode, ReasonText> = {
  ...IDLE,
  ...REFUSED,
  ...DONE,
  // Made of other reasons.
  why_shown: (reason) => whyShownText(reason, explain),
};

export interface Explanation extends ReasonText {
  /** `E_LOCKED` for a refusal, `I_PLAN_STARTED` for information; stable, to be searched for. */
  readonly code: string;
  /** Where the configuration says so: `.terrane/config.yml:12`. */
  readonly rules: readonly string[];
}

/**
 * Says a reason in words. Plain text: backquotes mark values and commands, and nothing in between
 * them holds one. Whatever shows it escapes it.
 */
export function explain(reason: Reason): Explanation {
  const prefix = isRefusal(reason) ? "E" : "I";
  const code = `${prefix}_${reason.code.toUpperCase()}`;
  return { code, rules: (reason.rules ?? []).map(placeText), ...textOf(reason.code, reason) };
}

export function isRefusal(reason: Reason): boolean {
  return Object.hasOwn(REFUSED, reason.code);
}

function textOf<C extends ReasonCode>(code: C, reason: ReasonOf<C>): ReasonText {
  return TEXTS[code](reason);
}
