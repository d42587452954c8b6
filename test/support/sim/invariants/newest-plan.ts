import type { WorkRow } from "../../memory-store/rows.ts";
import { pairKey } from "../../memory-store/tables.ts";
import type { Of } from "./invariant.ts";
import { dirspaceOf, workOf } from "./work-of.ts";

export const newestPlan: Of<"grant"> = {
  id: "S10",
  says: "what is applied is the newest successful plan of the head that the forge has",
  when: "grant",
  check: (world, grant) => {
    const { ghost, memory, forge, scenario } = world;
    const plan = ghost.plans.get(grant.digest);
    if (plan === undefined) return `nobody made the plan ${grant.digest}`;
    if (grant.served?.headSha !== plan.headSha) {
      return `a plan of ${plan.headSha} was granted, the forge said ${grant.served?.headSha}`;
    }
    const from = grant.askedAt - scenario.personality.staleMs;
    if (
      !forge.viewsBetween(plan.number, from, grant.at).some((one) => one.headSha === plan.headSha)
    ) {
      return `a plan of ${plan.headSha} was granted long after another push`;
    }
    const id = dirspaceOf(world, grant.dirspace)?.id ?? 0;
    const pullRequestId = workOf(world, grant)?.pullRequestId;
    if (pullRequestId === undefined) return `${grant.runId} has no work of ${grant.dirspace}`;
    let newest: WorkRow | undefined;
    for (const work of memory.tables.worksOfPair.of(pairKey(pullRequestId, id))) {
      if (work.op !== "plan" || work.state !== "planned") continue;
      if (newest === undefined || work.seq > newest.seq) newest = work;
    }
    if (newest?.planDigest === grant.digest) return undefined;
    return `${grant.dirspace}: ${grant.digest} was granted, the newest plan is ${newest?.planDigest}`;
  },
};
