import type { Of } from "./invariant.ts";
import { dirspaceOf, workOf } from "./work-of.ts";

export const neverBehindOneself: Of<"step"> = {
  id: "L42",
  says: "who is refused because of a lock is refused because of somebody else's",
  when: "step",
  check: (world) => {
    const { locks } = world.memory.tables;
    for (const refused of world.ghost.refused.splice(0)) {
      if (refused.code !== "LOCKED") continue;
      const own = workOf(world, refused)?.pullRequestId;
      const id = dirspaceOf(world, refused.dirspace)?.id;
      const held = [...locks.values()].filter((lock) => lock.dirspaceId === id);
      if (held.some((lock) => lock.pullRequestId !== own)) continue;
      return `${refused.runId}: ${refused.message} Nobody else has a lock on ${refused.dirspace}`;
    }
    return undefined;
  },
};
