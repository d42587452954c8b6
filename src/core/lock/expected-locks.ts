import type { DirspaceKey } from "../change/dirspace.ts";
import { phasesOf } from "../phase.ts";
import { appliesNow, toTake } from "../settle/settle-locks.ts";
import type { Snapshot } from "../snapshot.ts";
import { owns } from "./in-the-way.ts";
import { ownershipOf } from "./ownership.ts";

/** What is stored and should not be, and what should be and is not; empty where the rows are right. */
export interface LockDifference {
  readonly missing: readonly DirspaceKey[];
  readonly extra: readonly DirspaceKey[];
}

/**
 * S7: the dirspaces that the pull request owns by its history alone: what it is, what it planned and applied, and
 * when it was unlocked. What others have with a better right is theirs until they let it go.
 */
export function expectedLocks(snapshot: Snapshot): readonly DirspaceKey[] {
  const { dirspaces, pullRequest } = snapshot;
  const { view, number } = pullRequest;
  if (view === undefined) return [];
  const owned = dirspaces.filter((state) => owns(state, number)).map(({ key }) => key);
  const ownership = ownershipOf(view, dirspaces, phasesOf(dirspaces, view), pullRequest);
  if (ownership.kind === "free") return appliesNow(dirspaces) ? owned : [];
  const taken = toTake(snapshot, view, ownership.because).map(({ key }) => key);
  return [...new Set([...owned, ...taken])].sort();
}

/**
 * Compares what is stored with what follows from history, for a pull request that has nothing left to decide. A
 * pull request that the VCS no longer knows keeps what it has until somebody unlocks it.
 */
export function lockDifference(snapshot: Snapshot): LockDifference {
  const { number } = snapshot.pullRequest;
  const stored = snapshot.dirspaces.filter((state) => owns(state, number)).map(({ key }) => key);
  const expected = expectedLocks(snapshot);
  return {
    missing: expected.filter((key) => !stored.includes(key)),
    extra: stored.filter((key) => !expected.includes(key)),
  };
}
