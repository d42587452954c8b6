import type { DirspaceKey } from "../change/dirspace.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import type { DirspaceState, LockRecord, Snapshot, WaitRecord } from "../snapshot.ts";

/** Who keeps this pull request from applying a dirspace, and how. */
export type Obstacle =
  | {
      readonly kind: "owns";
      readonly dirspace: DirspaceKey;
      readonly by: number;
      readonly because: LockRecord["because"];
    }
  | { readonly kind: "waits"; readonly dirspace: DirspaceKey; readonly by: number }
  | { readonly kind: "applies"; readonly dirspace: DirspaceKey; readonly by: number };

/** The one number by which the pull request is ordered among others; undefined while it neither owns nor waits. */
export function placeOf({ dirspaces, pullRequest }: Snapshot): number | undefined {
  const own = dirspaces
    .flatMap(({ locks }) => locks)
    .filter((lock) => lock.pullRequest === pullRequest.number);
  if (own.length === 0) return pullRequest.wait?.place;
  return Math.min(...own.map(({ place }) => place));
}

/**
 * What the pull request has to do with: its change set, what it owns, and what it applied earlier. It owns and waits
 * for all of that or nothing. What left the change set untouched is nobody's concern.
 */
export function claimOf(snapshot: Snapshot): readonly DirspaceState[] {
  const { number } = snapshot.pullRequest;
  return snapshot.dirspaces.filter(
    (state) => state.affected !== undefined || state.granted || owns(state, number),
  );
}

export function owns(state: DirspaceState, number: number): boolean {
  return state.locks.some((lock) => lock.pullRequest === number);
}

/**
 * Everybody who goes first. Of two who own or wait, the one with the lower place; two exceptions keep what was begun:
 *
 * | other | goes first |
 * |---|---|
 * | owns by its apply, where this one does not own | always: its changes are applied and not merged |
 * | owns otherwise | with the lower place |
 * | waits | with the lower place; where this one does not own, also while it is the other's turn |
 * | applies now | always (S1) |
 *
 * A turn, once it has begun, gives way to owners only.
 *
 * Places are total and one for each pull request, so no ring of pull requests can wait for one another.
 */
export function inTheWay(snapshot: Snapshot, view: PullRequestView): readonly Obstacle[] {
  return claimOf(snapshot).flatMap((state) => inTheWayAt(state, snapshot, view));
}

export function inTheWayAt(
  state: DirspaceState,
  snapshot: Snapshot,
  view: PullRequestView,
): readonly Obstacle[] {
  const { number } = snapshot.pullRequest;
  const place = placeOf(snapshot) ?? Number.POSITIVE_INFINITY;
  const isOwn = owns(state, number);
  const owners = ownersBefore(state, snapshot, view).map(
    ({ pullRequest: by, because }): Obstacle => ({
      kind: "owns",
      dirspace: state.key,
      by,
      because,
    }),
  );
  const isTurn = snapshot.pullRequest.wait?.turnSince !== undefined;
  const waiters = state.waits
    .filter(
      (wait) =>
        !isTurn &&
        wait.pullRequest !== number &&
        meets(wait, state, view) &&
        !owns(state, wait.pullRequest) &&
        (wait.place < place || (wait.turnSince !== undefined && !isOwn)),
    )
    .map((wait): Obstacle => ({ kind: "waits", dirspace: state.key, by: wait.pullRequest }));
  const busy = state.inFlight;
  if (busy === undefined || busy.number === number) return [...owners, ...waiters];
  return [...owners, ...waiters, { kind: "applies", dirspace: state.key, by: busy.number }];
}

/** The locks that keep this pull request from applying the dirspace. */
export function ownersBefore(
  state: DirspaceState,
  snapshot: Snapshot,
  view: PullRequestView,
): readonly LockRecord[] {
  const { number } = snapshot.pullRequest;
  const place = placeOf(snapshot) ?? Number.POSITIVE_INFINITY;
  const isOwn = owns(state, number);
  return state.locks.filter(
    (lock) =>
      lock.pullRequest !== number &&
      meets(lock, state, view) &&
      (lock.place < place || (!isOwn && lock.because === "applied")),
  );
}

/** With `lock_branch_target: dest_branch` of whoever was first, other branches are other places. */
export function meets(
  other: LockRecord | WaitRecord,
  state: DirspaceState,
  view: PullRequestView,
): boolean {
  const target = other.branchTarget ?? state.affected?.lockBranchTarget ?? "all";
  return target === "all" || other.baseRef === view.baseRef;
}

/** The obstacles as reasons, one for each kind. */
export function refusalsFor(obstacles: readonly Obstacle[]): readonly Reason[] {
  const locks = obstacles.flatMap((one) =>
    one.kind === "owns" ? [{ dirspace: one.dirspace, by: one.by, because: one.because }] : [],
  );
  const waits = obstacles.flatMap((one) =>
    one.kind === "waits" ? [{ dirspace: one.dirspace, by: one.by }] : [],
  );
  const busy = obstacles.filter((one) => one.kind === "applies");
  const reasons: Reason[] = [];
  if (locks.length > 0) reasons.push({ code: "locked", locks });
  if (waits.length > 0) reasons.push({ code: "others_first", waits });
  // Whoever applies under a lock is named by that.
  for (const by of new Set(busy.map((one) => one.by))) {
    if (locks.some((lock) => lock.by === by)) continue;
    const dirspaces = busy.filter((one) => one.by === by).map(({ dirspace }) => dirspace);
    reasons.push({ code: "apply_in_flight", dirspaces, by });
  }
  return reasons;
}
