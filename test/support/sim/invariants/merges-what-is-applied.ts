import type { Of } from "./invariant.ts";

export const mergesWhatIsApplied: Of<"step"> = {
  id: "S10",
  says: "a pull request is merged for us only at a head whose directories need nothing or are applied, as far as their jobs say",
  when: "step",
  check: ({ forge, ghost }) => {
    for (const { number, head, dirs } of forge.automerged) {
      for (const dir of dirs) {
        const key = `${dir}:default`;
        const applied = ghost.applies.some(
          ({ dirspace, end, plan, runId }) =>
            dirspace === key &&
            (end === "applied" || ghost.lies.has(`${runId} ${key}`)) &&
            plan?.number === number &&
            plan.headSha === head,
        );
        if (!applied && !ghost.unchanged.has(`${number} ${head} ${key}`)) {
          return `#${number} was merged at ${head}, and ${key} was not applied`;
        }
      }
    }
    return undefined;
  },
};
