import type { Of } from "./invariant.ts";

/** Not asked where the forge itself gives old answers: nobody could tell. */
export const staleObservationsLose: Of<"decision"> = {
  id: "S24",
  says: "what was seen earlier never replaces what was seen later",
  when: "decision",
  check: ({ forge, faults, scenario }, { turn, decision }) => {
    if (scenario.intensities.F3 > 0 || faults.healed) return undefined;
    const before = turn.snapshot.pullRequest.view;
    const observed = decision.writes.find((write) => write.kind === "observe");
    if (before === undefined || observed?.kind !== "observe") return undefined;
    const { number, view } = { number: turn.pullRequest.number, view: observed.view };
    const old = forge.firstTimeOf(number, before);
    const now = forge.lastTimeOf(number, view);
    if (old < 0 || now < 0 || now >= old) return undefined;
    return `#${number}: a view of ${now} replaced one of ${old}`;
  },
};
