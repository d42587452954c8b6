import type { Of } from "./invariant.ts";

export const capsHold: Of<"step"> = {
  id: "S9",
  says: "no more CI jobs have their place than the caps allow",
  when: "step",
  check: ({ memory, scenario }) => {
    let admitted = 0;
    for (const { state } of memory.tables.ciJobs.values()) if (state === "admitted") admitted += 1;
    const most = Math.max(...scenario.servers.map(({ engine }) => engine.jobs.repository.max));
    if (admitted <= most) return undefined;
    return `${admitted} jobs of the repository have their place, the cap is ${most}`;
  },
};
