import type { Of } from "./invariant.ts";
import { dirspaceOf } from "./work-of.ts";

export const recordedReason: Of<"grant"> = {
  id: "S18",
  says: "every grant points to the decision that led to it, with reasons and evidence",
  when: "grant",
  check: (world, grant) => {
    const { runs, decisions, grants } = world.memory.tables;
    const run = runs.get(grant.runId);
    const decision = run && decisions.get(run.eventId);
    if (decision === undefined || decision.reasons.length === 0) {
      return `${grant.runId} was granted and no decision led to it`;
    }
    const row = grants.get(`${dirspaceOf(world, grant.dirspace)?.id}|${grant.fence}`);
    if (row?.evidence !== undefined && row.runId === grant.runId) return undefined;
    return `the grant ${grant.fence} of ${grant.dirspace} is not recorded`;
  },
};
