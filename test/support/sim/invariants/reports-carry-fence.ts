import type { Of } from "./invariant.ts";

export const reportsCarryFence: Of<"step"> = {
  id: "S2",
  says: "a report that carries another fence than its grant is refused",
  when: "step",
  check: ({ memory }) => {
    for (const work of memory.tables.works.values()) {
      const { result } = work;
      if (result === undefined || !("fence" in result) || result.fence === undefined) continue;
      if (result.fence === work.fence) continue;
      return `${work.runId} was granted ${work.fence} and recorded ${result.fence}`;
    }
    return undefined;
  },
};
