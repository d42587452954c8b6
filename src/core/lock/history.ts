import { isActive } from "../run/run.ts";
import type { Snapshot } from "../snapshot.ts";
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
