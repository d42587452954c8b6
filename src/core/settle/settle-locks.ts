import { type Draft, type Need, tellNeighbours } from "../draft.ts";
import { claimOf, inTheWayAt, owns } from "../lock/in-the-way.ts";
import { type Ownership, ownershipOf } from "../lock/ownership.ts";
import { isDone, phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import { keysOf } from "../run/start-run.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";

/** Brings the lock rows in line with what the pull request may own now; all of its dirspaces or none. */
export function settleLocks(draft: Draft, view: PullRequestView): Need | undefined {
  const { dirspaces, pullRequest } = draft.now();
  const ownership = ownershipOf(view, dirspaces, phasesOf(dirspaces, view), pullRequest);
  return ownership.kind === "free"
    ? release(draft, view, ownership.why)
    : take(draft, view, ownership.because);
}

function release(
  draft: Draft,
  view: PullRequestView,
  why: Extract<Ownership, { kind: "free" }>["why"],
): Need | undefined {
  const { dirspaces, pullRequest, held } = draft.now();
  if (appliesNow(dirspaces)) return undefined;
  const owned = dirspaces.filter((state) => owns(state, pullRequest.number));
  if (!owned.every((state) => held.has(state.key))) {
    return { kind: "hold", dirspaces: keysOf(dirspaces) };
  }
  // What owns nothing may still have to be applied, where the policy lets others in meanwhile.
  if (view.state === "merged" && !pullRequest.unlocked && nothingLeft(dirspaces, view)) {
    draft.write({ kind: "let_go" });
  }
  if (owned.length === 0) return undefined;
  const released = keysOf(owned);
  draft.write({ kind: "release_locks", dirspaces: released });
  draft.because({ code: "locks_released", dirspaces: released, why });
  tellNeighbours(draft, "released", released);
  return undefined;
}

function nothingLeft(dirspaces: readonly DirspaceState[], view: PullRequestView): boolean {
  const phases = phasesOf(dirspaces, view);
  return dirspaces.every(
    (state) => state.affected === undefined || isDone(phases.get(state.key) ?? "unplanned"),
  );
}

function take(
  draft: Draft,
  view: PullRequestView,
  because: "applied" | "merged",
): Need | undefined {
  const snapshot = draft.now();
  const wrong = toTake(snapshot, view, because);
  if (wrong.length === 0) return undefined;
  if (!wrong.every((state) => snapshot.held.has(state.key))) {
    return { kind: "hold", dirspaces: keysOf(snapshot.dirspaces) };
  }
  const dirspaces = keysOf(wrong);
  draft.write({ kind: "take_locks", dirspaces, because, baseRef: view.baseRef });
  draft.because({ code: "locks_taken", dirspaces });
  tellNeighbours(draft, "locked", dirspaces);
  return undefined;
}

/**
 * A merge owns at once: the branch holds the change, so the next apply of anybody would take it along; whose turn it
 * is follows from the places. An open pull request that grows takes only what nobody else has or waits for with a
 * better right. What it owns says why, and for which branch.
 */
export function toTake(
  snapshot: Snapshot,
  view: PullRequestView,
  because: "applied" | "merged",
): readonly DirspaceState[] {
  const { number } = snapshot.pullRequest;
  return claimOf(snapshot).filter((state) => {
    const own = state.locks.find((lock) => lock.pullRequest === number);
    if (own !== undefined) return own.because !== because || own.baseRef !== view.baseRef;
    return because === "merged" || inTheWayAt(state, snapshot, view).length === 0;
  });
}

/** Whoever may be changing something keeps what it has, whatever else is true. */
export function appliesNow(dirspaces: readonly DirspaceState[]): boolean {
  return dirspaces.some(
    (state) => state.apply?.state === "granted" || state.apply?.state === "unknown",
  );
}
