import type { Of } from "./invariant.ts";
import { workOf } from "./work-of.ts";

/** Clocks of a forge and of a database may differ by that much. */
const APART_MS = 60_000;

export const seenPlans: Of<"decision"> = {
  id: "S10",
  says: "nobody applies what was planned after they wrote the command",
  when: "decision",
  check: (world, { turn, decision }) => {
    const { what } = turn.event;
    if (what.kind !== "commented" || what.commentId === undefined) return undefined;
    const writtenAt = world.forge.saidAt.get(what.commentId);
    if (writtenAt === undefined) return undefined;
    for (const write of decision.writes) {
      if (write.kind !== "create_run") continue;
      for (const { dirspace, plan } of write.run.units) {
        if (plan === undefined) continue;
        const plannedAt = workOf(world, { runId: plan.runId, dirspace })?.endedAt ?? 0;
        if (plannedAt > writtenAt + APART_MS) {
          return `${dirspace} was planned ${plannedAt - writtenAt} ms after the command to apply it`;
        }
      }
    }
    return undefined;
  },
};
