import type { Of } from "./invariant.ts";
import { workOf } from "./work-of.ts";

/** Stronger than it is written: while a tool works, its row says that it does. */
export const silenceFreesNothing: Of<"step"> = {
  id: "S3",
  says: "a dirspace stays taken until its apply has positively ended",
  when: "step",
  check: (world) => {
    for (const apply of world.ghost.running) {
      const work = workOf(world, apply);
      if (work?.state === "granted" || work?.state === "unknown") continue;
      return `${apply.dirspace} is being applied by ${apply.runId}, which is said to be ${work?.state}`;
    }
    return undefined;
  },
};
