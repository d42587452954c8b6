import { type Draft, type Need, tellNeighbours } from "../draft.ts";
import { foreignLocks, ownershipOf } from "../lock/ownership.ts";
import { phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import { keysOf } from "../run/start-run.ts";

/** Brings the lock rows in line with what the pull request may own now; all of its dirspaces or none. */
export function settleLocks(draft: Draft, view: PullRequestView): Need | undefined {
  const { dirspaces, pullRequest, held } = draft.now();
  const inFlight = dirspaces.some(
    (state) => state.apply?.state === "granted" || state.apply?.state === "unknown",
  );
  const owned = dirspaces.filter((state) =>
    state.locks.some((lock) => lock.pullRequest === pullRequest.number),
  );
  const ownership = ownershipOf(view, dirspaces, phasesOf(dirspaces, view), pullRequest);
  const keys = dirspaces.map((state) => state.key);

  if (ownership.kind === "free") {
    if (inFlight) return undefined;
    if (owned.length > 0 && !owned.every((state) => held.has(state.key))) {
      return { kind: "hold", dirspaces: keys };
    }
    if (view.state === "merged" && !pullRequest.unlocked) draft.write({ kind: "let_go" });
    if (owned.length === 0) return undefined;
    const released = keysOf(owned);
    draft.write({ kind: "release_locks", dirspaces: released });
    draft.because({ code: "locks_released", dirspaces: released, why: ownership.why });
    tellNeighbours(draft, "released", released);
    return undefined;
  }
  // A merge owns at once (others must wait for its apply); an open pull request takes what nobody else has.
  const missing = dirspaces.filter(
    (state) =>
      !owned.includes(state) &&
      (ownership.because === "merged" ||
        foreignLocks(state, pullRequest.number, view).length === 0),
  );
  if (missing.length === 0) return undefined;
  if (!keys.every((key) => held.has(key))) return { kind: "hold", dirspaces: keys };
  const taken = missing.map((state) => state.key);
  const { because } = ownership;
  draft.write({ kind: "take_locks", dirspaces: taken, because, baseRef: view.baseRef });
  draft.because({ code: "locks_taken", dirspaces: taken });
  tellNeighbours(draft, "locked", taken);
  return undefined;
}
