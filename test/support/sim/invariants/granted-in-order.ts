import type { Of } from "./invariant.ts";
import { workOf } from "./work-of.ts";

export const grantedInOrder: Of<"grant"> = {
  id: "S8",
  says: "applies of a dirspace are granted in the order in which they were queued",
  when: "grant",
  check: (world, grant, at) => {
    const seq = workOf(world, grant)?.seq ?? 0;
    for (const earlier of world.ghost.grants.slice(0, at)) {
      if (earlier.dirspace !== grant.dirspace) continue;
      const before = workOf(world, earlier)?.seq ?? 0;
      if (before >= seq) return `${grant.dirspace}: ${seq} was granted after ${before}`;
    }
    return undefined;
  },
};
