import type { Of } from "./invariant.ts";

export const plansBesideApplies: Of<"step"> = {
  id: "S6",
  says: "while an apply is in flight no plan of its dirspace counts",
  when: "step",
  check: ({ memory }) => {
    const { works, applying, dirspaces } = memory.tables;
    for (const plan of works.values()) {
      if (plan.op !== "plan" || plan.state !== "planned" || plan.stale !== undefined) continue;
      const busy = applying.one(plan.dirspaceId);
      if (busy === undefined || plan.forgotten) continue;
      const fence = dirspaces.get(plan.dirspaceId)?.lastFence ?? 0;
      if (plan.fenceSeen < fence) continue;
      return `${plan.unit.dirspace} has the valid plan ${plan.runId} while ${busy.runId} applies`;
    }
    return undefined;
  },
};
