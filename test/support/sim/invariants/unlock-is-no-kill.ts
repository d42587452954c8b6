import { pairKey } from "../../memory-store/tables.ts";
import type { Of } from "./invariant.ts";

export const unlockIsNoKill: Of<"step"> = {
  id: "S4",
  says: "no lock of a pull request is let go while one of its applies is in flight",
  when: "step",
  check: ({ memory }) => {
    const { works, locks } = memory.tables;
    for (const work of works.values()) {
      if (work.op !== "apply" || (work.state !== "granted" && work.state !== "unknown")) continue;
      const policy = work.unit.affected.workflow.lockPolicy ?? "strict";
      if (policy !== "strict" && policy !== "apply") continue;
      if (locks.get(pairKey(work.pullRequestId, work.dirspaceId)) !== undefined) continue;
      return `${work.unit.dirspace} is being applied by ${work.runId} without its lock`;
    }
    return undefined;
  },
};
