import { hasEnded } from "../../../../src/core/run/work.ts";
import type { Of } from "./invariant.ts";

export const noWedgedLock: Of<"end"> = {
  id: "L34",
  says: "no apply stays unknown when the CI system answers",
  when: "end",
  check: ({ memory }) => {
    for (const work of memory.tables.works.values()) {
      if (!hasEnded(work.state)) return `${work.runId} left ${work.unit.dirspace} ${work.state}`;
    }
    return undefined;
  },
};
