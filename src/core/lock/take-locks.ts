import { type Draft, tellNeighbours } from "../draft.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { keysOf } from "../run/start-run.ts";
import type { DirspaceState } from "../snapshot.ts";
import { foreignLocks, locksOn } from "./ownership.ts";

/** Locks are contagious: one dirspace of the pull request in other hands keeps all of it from applying. */
export function lockRefusals(draft: Draft, view: PullRequestView): readonly Reason[] {
  const { dirspaces, pullRequest } = draft.now();
  const locks = dirspaces.flatMap((state) =>
    foreignLocks(state, pullRequest.number, view).map((lock) => ({
      dirspace: state.key,
      by: lock.pullRequest,
      because: lock.because,
    })),
  );
  if (locks.length > 0) return [{ code: "locked", locks }];
  const busy = dirspaces.filter(
    (state) => state.inFlight !== undefined && state.inFlight.number !== pullRequest.number,
  );
  const by = busy[0]?.inFlight?.number;
  return by === undefined ? [] : [{ code: "apply_in_flight", dirspaces: keysOf(busy), by }];
}

/** Locks are taken for the pull request as a whole; the rows have to be held. */
export function takeLocks(
  draft: Draft,
  view: PullRequestView,
  ready: readonly DirspaceState[],
): void {
  const { dirspaces, pullRequest } = draft.now();
  const { number } = pullRequest;
  if (!ready.some((state) => locksOn(state, "apply"))) return;
  const keys = keysOf(
    dirspaces.filter((state) => !state.locks.some((lock) => lock.pullRequest === number)),
  );
  if (keys.length === 0) return;
  draft.write({
    kind: "take_locks",
    dirspaces: keys,
    because: "applied",
    baseRef: view.baseRef,
  });
  draft.because({ code: "locks_taken", dirspaces: keys });
  tellNeighbours(draft, "locked", keys);
}
