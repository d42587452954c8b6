import type { Of } from "./invariant.ts";

export const claimStays: Of<"step"> = {
  id: "S26",
  says: "who has claimed an attempt keeps it, unless the server knows that it started another job",
  when: "step",
  check: ({ memory, claims }) => {
    for (const { id, ciRun, claimedCiRun } of memory.tables.attempts.values()) {
      if (claimedCiRun === undefined) continue;
      const before = claims.get(id);
      claims.set(id, claimedCiRun);
      if (before === undefined || before === claimedCiRun || ciRun === claimedCiRun) continue;
      return `${id} was claimed by ${before} and then by ${claimedCiRun}`;
    }
    return undefined;
  },
};
