import type { PullRequestId } from "../core/ids.ts";

/**
 * Rung by a store after the commit that left an event for a pull request, so that this process decides it at once.
 * Never inside the transaction: there, waking would make commits wait for each other. A ring may be lost with its
 * process; `wakeOverdue` finds what nobody came for.
 */
export interface Bell {
  ring(pullRequest: PullRequestId, delayMs?: number): void;
}
