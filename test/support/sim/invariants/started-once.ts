import type { Of } from "./invariant.ts";

/** Two servers may begin to start it at once, and an answer may be lost: then the first job that claims has it (S26). */
export const startedOnce: Of<"start"> = {
  id: "S25",
  says: "a job that was known to be started is not started again",
  when: "start",
  check: ({ memory }, { attempt, askedAt }) => {
    const dispatchedAt = memory.tables.attempts.get(attempt)?.dispatchedAt;
    if (dispatchedAt === undefined || dispatchedAt >= askedAt) return undefined;
    return `${attempt} was started at ${dispatchedAt}, and again by who began at ${askedAt}`;
  },
};
