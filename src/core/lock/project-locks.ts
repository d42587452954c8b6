import type { Instant } from "../../base/brand.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { Write } from "../decision.ts";
import type { DirspaceState, LockRecord, Snapshot, Wait, WaitRecord } from "../snapshot.ts";
import { placeOf } from "./in-the-way.ts";

type Of<K extends Write["kind"]> = Extract<Write, { kind: K }>;

type LockWrite = Of<"take_locks" | "release_locks" | "wait" | "set_turn" | "leave_queue">;

/** What the writes about locks and the queue mean. */
export function projectLocks(snapshot: Snapshot, write: LockWrite, at: Instant): Snapshot {
  switch (write.kind) {
    case "take_locks":
      return takeLocks(snapshot, write, at);
    case "release_locks":
      return releaseLocks(snapshot, write);
    case "wait":
      return joinQueue(snapshot, write);
    case "set_turn":
      return changeWait(snapshot, (wait) => ({ ...wait, turnSince: write.since }));
    case "leave_queue":
      return changeWait(snapshot, () => undefined);
    default:
      return unreachable(write);
  }
}

/** Every row that a pull request owns has the same place: the one it owns or waits with, or a new one. */
function takeLocks(snapshot: Snapshot, write: Of<"take_locks">, at: Instant): Snapshot {
  const { number } = snapshot.pullRequest;
  const keys = new Set(write.dirspaces);
  const { because, baseRef } = write;
  const place = placeOf(snapshot) ?? nextPlace(snapshot);
  return changeDirspaces(snapshot, (state) => {
    if (!keys.has(state.key)) return state;
    const others = state.locks.filter((lock) => lock.pullRequest !== number);
    const own = state.locks.find((lock) => lock.pullRequest === number);
    const since = own?.since ?? at;
    const branchTarget = state.affected?.lockBranchTarget ?? own?.branchTarget;
    const taken = { pullRequest: number, because, baseRef, since, place, branchTarget };
    return { ...state, locks: [...others, taken] };
  });
}

function releaseLocks(snapshot: Snapshot, write: Of<"release_locks">): Snapshot {
  const { number } = snapshot.pullRequest;
  const keys = new Set(write.dirspaces);
  return changeDirspaces(snapshot, (state) =>
    keys.has(state.key)
      ? { ...state, locks: state.locks.filter((lock) => lock.pullRequest !== number) }
      : state,
  );
}

function joinQueue(snapshot: Snapshot, write: Of<"wait">): Snapshot {
  const { kind: _kind, place: wanted, ...given } = write;
  const { wait } = snapshot.pullRequest;
  const kept = wanted === "kept" ? wait : undefined;
  const left = changeWait(snapshot, () => undefined);
  const place = kept?.place ?? placeOf(left) ?? nextPlace(snapshot);
  const since = kept?.since ?? given.since;
  return withWait(snapshot, { ...given, place, since, turnSince: kept?.turnSince });
}

function changeWait(snapshot: Snapshot, change: (wait: Wait) => Wait | undefined): Snapshot {
  const { wait } = snapshot.pullRequest;
  return wait === undefined ? snapshot : withWait(snapshot, change(wait));
}

function withWait(snapshot: Snapshot, wait: Wait | undefined): Snapshot {
  const { number } = snapshot.pullRequest;
  const keys = new Set<DirspaceKey>(wait?.dirspaces);
  const changed = changeDirspaces(snapshot, (state) => {
    const others = state.waits.filter((one) => one.pullRequest !== number);
    if (wait === undefined || !keys.has(state.key)) return { ...state, waits: others };
    const { baseRef, place, turnSince } = wait;
    const branchTarget = state.affected?.lockBranchTarget;
    const own: WaitRecord = { pullRequest: number, baseRef, place, branchTarget, turnSince };
    return { ...state, waits: [...others, own].sort((a, b) => a.place - b.place) };
  });
  return { ...changed, pullRequest: { ...changed.pullRequest, wait } };
}

/** The store takes it from a sequence; what follows all that can be seen here orders the same. */
function nextPlace({ dirspaces, pullRequest }: Snapshot): number {
  const seen: readonly (LockRecord | WaitRecord)[] = dirspaces.flatMap(({ locks, waits }) => [
    ...locks,
    ...waits,
  ]);
  return 1 + Math.max(0, pullRequest.wait?.place ?? 0, ...seen.map(({ place }) => place));
}

function changeDirspaces(
  snapshot: Snapshot,
  change: (state: DirspaceState) => DirspaceState,
): Snapshot {
  return { ...snapshot, dirspaces: snapshot.dirspaces.map(change) };
}
