import { isActive } from "../run/run.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import { owns } from "./in-the-way.ts";

/**
 * It is closed or merged, and holds nothing, waits for nothing and runs nothing. There is ever more of that, so nobody
 * tells it what others do to its directories, and what it shows of them could not stay true (L40).
 */
export function isHistory({ pullRequest, dirspaces, runs }: Snapshot): boolean {
  const { view, number, wait } = pullRequest;
  if (view === undefined || view.state === "open" || wait !== undefined) return false;
  return !runs.some(isActive) && !dirspaces.some((state) => owns(state, number));
}

/** A dirspace of history without what others do to it: no lock of theirs, and its plan as good as when it was last told. */
export function asItWas(state: DirspaceState): DirspaceState {
  return { ...state, locks: [], lastFence: state.plan?.fenceSeen ?? state.lastFence };
}
