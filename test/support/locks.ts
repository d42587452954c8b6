import type { Instant } from "../../src/base/brand.ts";
import type { LockRecord } from "../../src/core/snapshot.ts";

/** A lock of a pull request, taken by its apply on `main`. */
export function aLock(pullRequest: number, more: Partial<LockRecord> = {}): LockRecord {
  return {
    pullRequest,
    because: "applied",
    baseRef: "main",
    since: 0 as Instant,
    place: 1,
    branchTarget: "all",
    ...more,
  };
}
