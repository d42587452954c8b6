import { type Draft, tellNeighbours } from "../draft.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { keysOf } from "../run/start-run.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import { claimOf, inTheWay, owns, refusalsFor } from "./in-the-way.ts";
import { locksOn } from "./ownership.ts";
import { leaveQueue } from "./queue.ts";

/** Locks are contagious: one dirspace of the pull request in other hands keeps all of it from applying. */
export function lockRefusals(snapshot: Snapshot, view: PullRequestView): readonly Reason[] {
  return refusalsFor(inTheWay(snapshot, view));
}

/** Locks are taken for the pull request as a whole; the rows have to be held. Whoever waited does so no longer. */
export function takeLocks(
  draft: Draft,
  view: PullRequestView,
  ready: readonly DirspaceState[],
): void {
  const { number } = draft.now().pullRequest;
  const missing = claimOf(draft.now()).filter((state) => !owns(state, number));
  if (missing.length > 0 && ready.some((state) => locksOn(state, "apply"))) {
    const dirspaces = keysOf(missing);
    draft.write({ kind: "take_locks", dirspaces, because: "applied", baseRef: view.baseRef });
    draft.because({ code: "locks_taken", dirspaces });
    tellNeighbours(draft, "locked", dirspaces);
  }
  // After the locks, which take over its place.
  if (draft.now().pullRequest.wait !== undefined) leaveQueue(draft, "applied");
}
