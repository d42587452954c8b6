import type { Of } from "./invariant.ts";

export const duplicatesAreNothing: Of<"end"> = {
  id: "S22",
  says: "a delivery that comes again changes nothing",
  when: "end",
  check: ({ memory, deliveries }) => {
    const seen = new Map<string, number>();
    for (const { happening } of memory.tables.events.values()) {
      if (happening.kind !== "commented") continue;
      seen.set(happening.commentId, (seen.get(happening.commentId) ?? 0) + 1);
    }
    for (const [comment, times] of seen) {
      const sent = deliveries.timesSent(comment);
      if (times > sent) return `the comment ${comment} was told ${sent} times and heard ${times}`;
    }
    return undefined;
  },
};
