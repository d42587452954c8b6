import { count, truncateEnd } from "../base/text.ts";
import type { Phase } from "../core/phase.ts";
import type { ChangeCounts } from "../core/run/work.ts";
import { BREAK } from "./escape.ts";
import { countsOf, hasErrors, having, isStopped, isUncounted, readingRun } from "./standing.ts";
import type { CommentView } from "./view.ts";

/** Notification mails and lists of checks show one line. */
export const HEADLINE_CHARS_MAX = 120;

/** The whole pull request in one line of plain text: `Plan failed · 14 dirspaces · 1 failed · 3 to apply`. */
export function headline(view: CommentView): string {
  const parts = [verdict(view), ...states(view), ...tallies(view)];
  return truncateEnd(parts.join(" · "), HEADLINE_CHARS_MAX);
}

/** The first of these that is true is what a reader must know first. */
function verdict(view: CommentView): string {
  const some = (...phases: readonly Phase[]) => having(view, ...phases).length > 0;
  if (some("unknown")) return "Apply in doubt";
  if (some("applying")) return "Applying";
  if (hasErrors(view)) return "Configuration error";
  const reading = readingRun(view);
  if (reading !== undefined) return `Reading the code in run ${reading.number}`;
  if (isStopped(view)) return "Not planned";
  if (view.dirspaces.length === 0) return "Nothing to plan";
  if (some("planning")) return "Planning";
  if (some("apply_failed")) return "Apply failed";
  if (some("plan_failed")) return "Plan failed";
  if (some("stale")) return "Plan again";
  const isOpen = some("planned", "waiting", "unplanned");
  if (some("applied")) return isOpen ? "Partly applied" : "Applied";
  if (some("planned")) return "Planned";
  if (some("waiting")) return "Waiting";
  return some("unplanned") ? "Not planned" : "No changes";
}

function states(view: CommentView): readonly string[] {
  if (view.state !== "open") return [view.state];
  return view.draft ? ["draft"] : [];
}

const TALLIES: readonly (readonly [words: string, ...phases: readonly Phase[]])[] = [
  ["failed", "apply_failed", "plan_failed"],
  ["in doubt", "unknown"],
  ["applying", "applying"],
  ["to plan again", "stale"],
  ["to apply", "planned"],
  ["applied", "applied"],
  ["planning", "planning"],
  ["waiting", "waiting"],
  ["not planned", "unplanned"],
  ["unchanged", "unchanged"],
];

/** What became of how many: `14 dirspaces · 1 failed · 3 to apply`. */
export function tallies(view: Pick<CommentView, "dirspaces">): readonly string[] {
  if (view.dirspaces.length === 0) return [];
  const parts = TALLIES.flatMap(([words, ...phases]) => {
    const n = having(view, ...phases).length;
    return n === 0 ? [] : [`${n} ${words}`];
  });
  return [count(view.dirspaces.length, "dirspace"), ...parts];
}

const ACTIONS = [
  ["create", "+", "create"],
  // `~4` alone is a label on some forges.
  ["update", `~${BREAK}`, "update"],
  ["replace", "±", "replace"],
  ["delete", "−", "destroy"],
] as const satisfies readonly (readonly [keyof ChangeCounts, string, string])[];

const RARE_ACTIONS = ["import", "move", "forget"] as const;

/** `+12 create · ~4 update · ±1 replace · −2 destroy`, always these four and in this order. */
export function totals(view: Pick<CommentView, "dirspaces">): string | undefined {
  const all = view.dirspaces.flatMap((report) => countsOf(report) ?? []);
  const uncounted = view.dirspaces.filter(isUncounted).length;
  const rest = uncounted === 0 ? [] : [`${count(uncounted, "dirspace")} not counted`];
  if (all.length === 0) return rest[0];
  const sum = (action: keyof ChangeCounts) => all.reduce((n, counts) => n + counts[action], 0);
  const rare = RARE_ACTIONS.filter((action) => sum(action) > 0);
  const outputs = sum("outputs");
  return [
    ...ACTIONS.map(([action, sign, word]) => `${sign}${sum(action)} ${word}`),
    ...rare.map((action) => `${sum(action)} ${action}`),
    ...(outputs > 0 ? [`${count(outputs, "output")} changed`] : []),
    ...rest,
  ].join(" · ");
}

/** `+1 ~0 ±0 −2` of one dirspace. */
export function signs(counts: ChangeCounts): string {
  return ACTIONS.map(([action, sign]) => `${sign}${counts[action]}`).join(" ");
}
