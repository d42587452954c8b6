import type { Of } from "./invariant.ts";

export const eventsEnd: Of<"end"> = {
  id: "L33",
  says: "every event is decided and every effect performed, and none was given up",
  when: "end",
  check: ({ memory }) => {
    for (const event of memory.tables.events.values()) {
      if (event.state === "decided") continue;
      return `a ${event.happening.kind} is ${event.state}: ${event.error ?? ""}`;
    }
    const waiting = memory.tables.outboxWaiting.one("waiting");
    return waiting && `${waiting.key} was not performed: ${waiting.error ?? ""}`;
  },
};
