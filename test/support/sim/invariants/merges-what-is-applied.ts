import type { RunId } from "../../../../src/core/ids.ts";
import type { Of } from "./invariant.ts";

export const mergesWhatIsApplied: Of<"step"> = {
  id: "S10",
  says: "a pull request is merged for us only at a head whose directories need nothing or are applied, as far as their jobs say",
  when: "step",
  check: ({ forge, ghost, memory: { tables } }) => {
    const lies = [...ghost.lies].map((lie) => {
      const [runId = "", dirspace] = lie.split(" ");
      const run = tables.runs.get(runId as RunId);
      const number = run && tables.pullRequests.get(run.pullRequestId)?.number;
      return { dirspace, number, head: run?.headSha };
    });
    for (const { number, head, dirs } of forge.automerged) {
      for (const dir of dirs) {
        const key = `${dir}:default`;
        const applied = ghost.applies.some(
          ({ dirspace, end, plan }) =>
            dirspace === key &&
            end === "applied" &&
            plan?.number === number &&
            plan.headSha === head,
        );
        const isTold = lies.some(
          (lie) => lie.dirspace === key && lie.number === number && lie.head === head,
        );
        if (!applied && !isTold && !ghost.unchanged.has(`${number} ${head} ${key}`)) {
          return `#${number} was merged at ${head}, and ${key} was not applied`;
        }
      }
    }
    return undefined;
  },
};
