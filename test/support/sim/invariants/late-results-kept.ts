import { canonicalJson } from "../../../../src/base/canonical-json.ts";
import type { Of } from "./invariant.ts";
import { workOf } from "./work-of.ts";

export const lateResultsKept: Of<"step"> = {
  id: "S27",
  says: "what a runner reported and was answered is stored, as the result or as what came too late",
  when: "step",
  check: (world) => {
    for (const { runId, dirspace, report } of world.ghost.told.splice(0)) {
      const work = workOf(world, { runId, dirspace });
      if (work?.result?.outcome === report.outcome) continue;
      const key = `${runId}|${work?.dirspaceId}|${canonicalJson(report)}`;
      if (work !== undefined && world.memory.tables.lateResults.get(key) !== undefined) continue;
      return `${runId} said ${report.outcome} of ${dirspace}, and that is kept nowhere`;
    }
    return undefined;
  },
};
