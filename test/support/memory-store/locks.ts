import type { Write } from "../../../src/core/decision.ts";
import type { PullRequestId } from "../../../src/core/ids.ts";
import type { LockRecord, Wait, WaitRecord } from "../../../src/core/snapshot.ts";
import type { StoredPullRequest } from "../../../src/ports/engine-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { findDirspace } from "./dirspaces.ts";
import { needPullRequest } from "./pull-requests.ts";
import { pairKey } from "./tables.ts";

type LockWrite = "take_locks" | "release_locks" | "wait" | "set_turn" | "leave_queue";
type Store<K extends Write["kind"]> = (
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  write: Extract<Write, { kind: K }>,
) => void;

export const STORE_LOCKS: { readonly [K in LockWrite]: Store<K> } = {
  take_locks(db, { id, repository }, { because, baseRef, dirspaces }) {
    const { locks, waits, members } = db.tables;
    // The sequence moves on whether its number is needed or not.
    const next = db.next("place");
    const place = ownPlace(db, id) ?? waits.get(id)?.place ?? next;
    for (const key of dirspaces) {
      const dirspaceId = findDirspace(db, repository.id, key)?.id;
      if (dirspaceId === undefined) continue;
      const pair = pairKey(id, dirspaceId);
      const own = locks.get(pair);
      const branchTarget = members.get(pair)?.affected?.lockBranchTarget ?? own?.branchTarget;
      const since = own?.since ?? db.now;
      const taken = { because, baseRef, since, place, branchTarget };
      locks.put(pair, { dirspaceId, pullRequestId: id, ...taken });
    }
  },
  // By name only: what another repository calls the same is not among the locks of this pull request.
  release_locks(db, { id, repository }, { dirspaces }) {
    for (const key of dirspaces) {
      const dirspace = findDirspace(db, repository.id, key);
      if (dirspace !== undefined) db.tables.locks.remove(pairKey(id, dirspace.id));
    }
  },
  wait(db, { id, repository }, write) {
    const { waits, waitDirspaces, waitDirspacesBy, members } = db.tables;
    const next = db.next("place");
    const { baseRef, actor, command } = write;
    const kept = write.place === "kept" ? waits.get(id) : undefined;
    const place = kept?.place ?? ownPlace(db, id) ?? next;
    const since = kept?.since ?? write.since;
    const { turnSince } = kept ?? {};
    waits.put(id, { pullRequestId: id, place, baseRef, actor, command, since, turnSince });
    for (const one of waitDirspacesBy.of(id)) {
      waitDirspaces.remove(pairKey(id, one.dirspaceId));
    }
    for (const key of write.dirspaces) {
      const dirspaceId = findDirspace(db, repository.id, key)?.id;
      if (dirspaceId === undefined) continue;
      const pair = pairKey(id, dirspaceId);
      const branchTarget = members.get(pair)?.affected?.lockBranchTarget;
      waitDirspaces.put(pair, { dirspaceId, pullRequestId: id, key, branchTarget });
    }
  },
  set_turn(db, { id }, { since }) {
    db.tables.waits.update(id, (row) => ({ ...row, turnSince: since }));
  },
  leave_queue(db, { id }) {
    const { waits, waitDirspaces, waitDirspacesBy } = db.tables;
    for (const one of waitDirspacesBy.of(id)) {
      waitDirspaces.remove(pairKey(id, one.dirspaceId));
    }
    waits.remove(id);
  },
};

/** One place for all that a pull request owns: the lowest of its rows. */
function ownPlace(db: MemoryDatabase, id: PullRequestId): number | undefined {
  const places = [...db.tables.locksBy.of(id)].map(({ place }) => place);
  return places.length === 0 ? undefined : Math.min(...places);
}

export function locksOf(db: MemoryDatabase, dirspaceId: number): readonly LockRecord[] {
  return [...db.tables.locksOf.of(dirspaceId)]
    .map(({ pullRequestId, because, baseRef, since, place, branchTarget }) => ({
      pullRequest: needPullRequest(db, pullRequestId).number,
      because,
      baseRef,
      since,
      place: ownPlace(db, pullRequestId) ?? place,
      branchTarget,
    }))
    .sort((a, b) => a.since - b.since || a.pullRequest - b.pullRequest);
}

export function waitsOf(db: MemoryDatabase, dirspaceId: number): readonly WaitRecord[] {
  return [...db.tables.waitDirspacesOf.of(dirspaceId)]
    .flatMap(({ pullRequestId, branchTarget }) => {
      const wait = db.tables.waits.get(pullRequestId);
      if (wait === undefined) return [];
      const { number } = needPullRequest(db, pullRequestId);
      const { baseRef, place, turnSince } = wait;
      return [{ pullRequest: number, baseRef, place, branchTarget, turnSince }];
    })
    .sort((a, b) => a.place - b.place);
}

export function readWait(db: MemoryDatabase, id: PullRequestId): Wait | undefined {
  const row = db.tables.waits.get(id);
  if (row === undefined) return undefined;
  const { pullRequestId: _own, ...wait } = row;
  const keys = [...db.tables.waitDirspacesBy.of(id)].map(({ key }) => key);
  return { ...wait, dirspaces: keys.sort() };
}
