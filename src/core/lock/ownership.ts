import type { DirspaceKey } from "../change/dirspace.ts";
import { isDone, type Phase } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { DirspaceState } from "../snapshot.ts";

/**
 * Who owns a dirspace between apply and merge. A pull request owns all of its dirspaces or none:
 *
 * | pull request | policy of some dirspace | owns while |
 * |---|---|---|
 * | open | strict, apply | an apply of one of those was started and may have changed something |
 * | merged | strict, merge | one of those is not applied or unchanged |
 * | merged | strict, apply | an apply of what left the change set later failed: only `unlock` lets it go |
 * | merged | strict, apply | an apply waits for its permission or is under way (S4), also after an unlock |
 * | closed | strict, apply | an apply may have changed something: only `unlock` lets it go |
 *
 * `none` never owns. Results before the last unlock do not count.
 */
export type Ownership =
  | { readonly kind: "owns"; readonly because: "applied" | "merged" }
  | {
      readonly kind: "free";
      readonly why: "applied_and_merged" | "closed_untouched" | "nothing_changed";
    };

export function ownershipOf(
  view: PullRequestView,
  states: readonly DirspaceState[],
  phases: ReadonlyMap<DirspaceKey, Phase>,
  { number, unlocked }: { readonly number: number; readonly unlocked: boolean },
): Ownership {
  if (view.state === "merged") {
    const open = states.some((state) =>
      state.affected === undefined
        ? isHalfDone(state, number)
        : locksOn(state, "merge") && !isDone(phases.get(state.key) ?? "unplanned"),
    );
    if (open && !unlocked) return { kind: "owns", because: "merged" };
    const busy = states.some((state) => isUnderWay(state) && keeps(state, number));
    if (busy) return { kind: "owns", because: "applied" };
    return { kind: "free", why: "applied_and_merged" };
  }
  const touched = states.some((state) => mayHaveChanged(state) && keeps(state, number));
  if (touched) return { kind: "owns", because: "applied" };
  return { kind: "free", why: view.state === "closed" ? "closed_untouched" : "nothing_changed" };
}

/** Whether the dirspace's policy takes a lock on that occasion. */
export function locksOn(state: DirspaceState, occasion: "apply" | "merge"): boolean {
  const policy = state.affected?.workflow.lockPolicy ?? "strict";
  return policy === "strict" || policy === occasion;
}

/** What left the change set has no policy any more: it keeps the lock that it has, and takes none. */
function keeps(state: DirspaceState, number: number): boolean {
  if (state.affected !== undefined) return locksOn(state, "apply");
  return state.locks.some((lock) => lock.pullRequest === number);
}

/** Nobody can apply it again from here, and nobody knows how far the last one got. */
function isHalfDone(state: DirspaceState, number: number): boolean {
  const { apply } = state;
  const failed = apply?.state === "failed" || apply?.state === "abandoned";
  return failed && apply?.fence !== undefined && keeps(state, number);
}

/** An apply is under way, or one had its grant: the latest may have been refused, those before it stand. */
function mayHaveChanged(state: DirspaceState): boolean {
  return state.granted || state.apply?.fence !== undefined || isUnderWay(state);
}

/** Nothing but its end keeps it from being granted, or it was: whoever let its lock go would let others begin too. */
function isUnderWay({ apply }: DirspaceState): boolean {
  const now = apply?.state;
  return now === "queued" || now === "running" || now === "granted" || now === "unknown";
}
