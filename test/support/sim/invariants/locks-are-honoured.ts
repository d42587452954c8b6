import type { Of } from "./invariant.ts";
import { dirspaceOf, workOf } from "./work-of.ts";

/** What somebody applied and has not merged would be undone; a merge may own beside others, in the order of the places. */
export const locksAreHonoured: Of<"grant"> = {
  id: "S7",
  says: "who has no lock of his own applies nothing that another pull request owns by its apply",
  when: "grant",
  check: (world, grant) => {
    const own = workOf(world, grant)?.pullRequestId;
    const id = dirspaceOf(world, grant.dirspace)?.id;
    const locks = [...world.memory.tables.locks.values()].filter((one) => one.dirspaceId === id);
    const mine = locks.find((one) => one.pullRequestId === own);
    const first = locks.find(
      (one) =>
        one.pullRequestId !== own &&
        one.branchTarget !== "dest_branch" &&
        (mine === undefined ? one.because === "applied" : one.place < mine.place),
    );
    if (first === undefined) return undefined;
    return `${grant.dirspace} was granted to ${grant.runId}, ${first.pullRequestId} owns it`;
  },
};
