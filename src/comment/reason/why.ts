import type { Phase } from "../../core/phase.ts";
import type { Reason } from "../../core/reason.ts";
import { dirspaceName, literal } from "../words.ts";
import type { ReasonOf, ReasonText } from "./text.ts";

const WAITS_MAX = 3;

export const STANDS: Readonly<Record<Phase, string>> = {
  unplanned: "is not planned at this commit",
  waiting: "waits until something else is applied",
  planning: "is being planned",
  planned: "is planned, with changes to apply",
  unchanged: "is planned, and there is nothing to apply",
  stale: "has a plan that no longer holds",
  plan_failed: "has a plan that failed",
  applying: "is being applied",
  unknown: "was being applied when contact was lost",
  applied: "is applied",
  apply_failed: "has an apply that failed",
};

/** In one line: where it stands, for what it waits, and what to do about the first of that. */
export function whyShownText(
  { dirspace, phase, waits }: ReasonOf<"why_shown">,
  say: (reason: Reason) => ReasonText,
): ReasonText {
  const shown = waits.slice(0, WAITS_MAX).map((reason) => say(reason));
  const more = waits.length - shown.length;
  const next = shown.find((one) => one.next !== undefined)?.next;
  const cause = [
    `${literal(dirspaceName(dirspace))} ${STANDS[phase]}.`,
    ...shown.map((one) => one.cause),
    ...(more > 0 ? [`And ${more} more.`] : []),
  ].join(" ");
  return {
    title: `Why ${dirspaceName(dirspace)}`,
    cause,
    ...(next === undefined ? {} : { next }),
  };
}
