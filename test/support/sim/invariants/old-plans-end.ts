import type { Of } from "./invariant.ts";

export const oldPlansEnd: Of<"decision"> = {
  id: "S10",
  says: "once a push is seen, no plan of an older head goes on",
  when: "decision",
  check: (_world, { snapshot, decision }) => {
    const observed = decision.writes.find((write) => write.kind === "observe");
    const settled = decision.writes.some((write) => write.kind === "record_change_set");
    if (observed?.kind !== "observe" || !settled) return undefined;
    const over = new Set<string>();
    for (const write of decision.writes) if (write.kind === "end_run") over.add(write.runId);
    for (const run of snapshot.runs) {
      if (run.kind !== "plan" || run.state === "ended" || over.has(run.id)) continue;
      if (run.headSha === observed.view.headSha) continue;
      return `${run.id} plans ${run.headSha}, the head is ${observed.view.headSha}`;
    }
    return undefined;
  },
};
