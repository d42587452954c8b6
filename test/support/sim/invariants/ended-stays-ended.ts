import { hasEnded } from "../../../../src/core/run/work.ts";
import type { Of } from "./invariant.ts";

export const endedStaysEnded: Of<"step"> = {
  id: "S28",
  says: "a state that has ended never changes",
  when: "step",
  check: ({ memory, ended }) => {
    for (const work of memory.tables.works.values()) {
      if (!hasEnded(work.state)) continue;
      const key = `${work.runId}|${work.dirspaceId}`;
      const before = ended.get(key);
      if (before === undefined) ended.set(key, work.state);
      else if (before !== work.state) return `${key} was ${before} and is ${work.state}`;
    }
    for (const run of memory.tables.runs.values()) {
      const before = ended.get(run.id);
      if (run.state === "ended" && before === undefined) ended.set(run.id, run.outcome ?? "?");
      else if (before !== undefined && before !== (run.outcome ?? "?")) {
        return `${run.id} was ${before} and is ${run.state} ${run.outcome}`;
      }
    }
    return undefined;
  },
};
