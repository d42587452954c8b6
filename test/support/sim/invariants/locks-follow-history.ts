import { lockDifference } from "../../../../src/core/lock/expected-locks.ts";
import type { Of } from "./invariant.ts";

export const locksFollowHistory: Of<"end"> = {
  id: "S7",
  says: "a pull request owns what follows from its history, and nothing else",
  when: "end",
  check: async ({ memory }) => {
    for (const { id, number } of memory.tables.pullRequests.values()) {
      const reported = await memory.engine.reported(id);
      if (reported === undefined) continue;
      const { missing, extra } = lockDifference(reported.snapshot);
      if (missing.length + extra.length === 0) continue;
      return `#${number} lacks the locks [${missing.join(", ")}] and should not have [${extra.join(", ")}]`;
    }
    return undefined;
  },
};
