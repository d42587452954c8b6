import { allows } from "../../../../src/core/pull-request.ts";
import type { Of } from "./invariant.ts";

const LATE_MS = 60_000;

/** Asked of the forge's own history: facts of an event may be as old as the event's first question. */
export const actorMay: Of<"decision"> = {
  id: "S15",
  says: "who starts a run may write, and said so in words that are still there",
  when: "decision",
  check: (world, { turn, decision }) => {
    for (const write of decision.writes) {
      if (write.kind !== "create_run" || write.run.actor === undefined) continue;
      const { actor } = write.run;
      const from = turn.event.at - LATE_MS;
      const past = world.rights.get(actor.id) ?? [];
      const since = past.findLast((one) => one.at <= from);
      const held = [
        ...(since === undefined ? [] : [since]),
        ...past.filter((one) => one.at > from),
      ];
      if (!held.some((one) => allows(one.right, "write"))) {
        return `${actor.login} started a run with the right ${held.at(-1)?.right ?? "none"}`;
      }
      const { what } = turn.event;
      if (what.kind === "commented" && what.author.id !== actor.id) {
        return `${what.author.login} wrote the command and ${actor.login} was taken for it`;
      }
    }
    return undefined;
  },
};
