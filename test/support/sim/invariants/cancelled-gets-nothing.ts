import type { Of } from "./invariant.ts";

/** A cancellation that comes while the permission is on its way is too late, and stops nothing (S4). */
export const cancelledGetsNothing: Of<"grant"> = {
  id: "S4",
  says: "a run that was cancelled before it asked gets no permission to apply",
  when: "grant",
  check: ({ memory }, { runId, attempt, dirspace, askedAt }) => {
    const cancelledAt = memory.tables.attempts.get(attempt)?.cancelRequestedAt;
    if (cancelledAt === undefined || cancelledAt >= askedAt) return undefined;
    return `${runId} was cancelled and got the permission for ${dirspace}`;
  },
};
