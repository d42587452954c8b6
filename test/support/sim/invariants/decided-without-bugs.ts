import { FROM_THE_FUTURE } from "./events-end.ts";
import type { Of } from "./invariant.ts";

/** What the engine notes with an event that waits because the forge cannot be asked. */
const FORGE_IS_AWAY = "the VCS did not answer";

/** A decision that the database refuses is made again, and may pass once what was in its way has ended: a bug all the same. */
export const decidedWithoutBugs: Of<"end"> = {
  id: "L36",
  says: "no decision fails but for the forge",
  when: "end",
  check: ({ memory }) => {
    for (const { happening, error } of memory.tables.events.values()) {
      const isPoison = (happening.kind as string) === FROM_THE_FUTURE;
      if (isPoison || error === undefined || error.startsWith(FORGE_IS_AWAY)) continue;
      return `a ${happening.kind} could not be decided at once: ${error}`;
    }
    return undefined;
  },
};
