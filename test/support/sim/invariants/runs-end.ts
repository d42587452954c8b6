import type { Of } from "./invariant.ts";

export const runsEnd: Of<"end"> = {
  id: "L35",
  says: "every run ends: it was worked on, or somebody noticed that it was not (L39, L42)",
  when: "end",
  check: ({ memory }) => {
    for (const run of memory.tables.runs.values()) {
      if (run.state !== "ended") return `${run.kind} ${run.id} is ${run.state} for ever`;
    }
    return undefined;
  },
};
