import type { PullRequestId } from "../../core/ids.ts";
import type { Bell } from "../../ports/bell.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";

/** Of processes that decide nothing, such as tests: whoever looks for events that wait finds them. */
export const SILENT: Bell = { ring: () => undefined };

/** Says inside a transaction which pull request has to be looked at once it is committed. */
export type Wake = (pullRequest: string, delayMs?: number) => void;

/** Runs a transaction and rings after its commit. */
export async function thenRing<T>(
  database: Database,
  bell: Bell,
  work: (tx: Tx, wake: Wake) => Promise<T>,
): Promise<T> {
  let woken = new Map<PullRequestId, number>();
  const value = await inTransaction(database, (tx) => {
    // What an attempt that was rolled back wanted is forgotten with it.
    woken = new Map();
    return work(tx, (pullRequest, delayMs = 0) => {
      woken.set(pullRequest as PullRequestId, delayMs);
    });
  });
  for (const [pullRequest, delayMs] of woken) bell.ring(pullRequest, delayMs);
  return value;
}
