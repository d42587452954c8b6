import type { Phase } from "../core/phase.ts";
import { countsOf, hasErrors, having } from "./standing.ts";
import type { CommentView } from "./view.ts";

/** One of these is on a pull request, where labels are configured. */
export const LABELS = {
  failed: "terrane: failed",
  destroys: "terrane: destroys",
  toApply: "terrane: to apply",
  applied: "terrane: applied",
  unchanged: "terrane: no changes",
} as const;

export type Label = (typeof LABELS)[keyof typeof LABELS];

/** What the next verdict will be while something is worked on, nobody knows: the label stays then. */
const UNDECIDED: readonly Phase[] = ["planning", "applying", "unknown", "unplanned", "stale"];

/** The first that is true; undefined where there is no verdict yet. */
export function labelOf(view: CommentView): Label | undefined {
  const some = (...phases: readonly Phase[]) => having(view, ...phases).length > 0;
  if (hasErrors(view) || some("plan_failed", "apply_failed")) return LABELS.failed;
  if (some(...UNDECIDED)) return undefined;
  const planned = having(view, "planned");
  const destroys = planned.some((report) => {
    const counts = countsOf(report);
    return counts !== undefined && counts.delete + counts.replace > 0;
  });
  if (destroys) return LABELS.destroys;
  if (planned.length > 0) return LABELS.toApply;
  if (some("waiting")) return undefined;
  if (some("applied")) return LABELS.applied;
  return some("unchanged") ? LABELS.unchanged : undefined;
}
