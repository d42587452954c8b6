import type { Of } from "./invariant.ts";

/** An event of a newer server: whoever sees it fails, and has to let the others pass (L36). */
export const FROM_THE_FUTURE = "from_the_future";

export const eventsEnd: Of<"end"> = {
  id: "L33",
  says: "every event is decided and every effect performed; only what no server can decide is given up",
  when: "end",
  check: ({ memory }) => {
    for (const event of memory.tables.events.values()) {
      const isPoison = (event.happening.kind as string) === FROM_THE_FUTURE;
      if (event.state === (isPoison ? "dead" : "decided")) continue;
      return `a ${event.happening.kind} is ${event.state}: ${event.error ?? ""}`;
    }
    const waiting = memory.tables.outboxWaiting.one("waiting");
    return waiting && `${waiting.key} was not performed: ${waiting.error ?? ""}`;
  },
};
