import type { Of } from "./invariant.ts";

export const noRunForForks: Of<"start"> = {
  id: "S17",
  says: "no job is started for a pull request of a fork",
  when: "start",
  check: ({ memory, forge }, { attempt }) => {
    const { attempts, runs, pullRequests } = memory.tables;
    const run = runs.get(attempts.get(attempt)?.runId ?? ("" as never));
    const number = run && pullRequests.get(run.pullRequestId)?.number;
    if (number === undefined || !forge.pull(number).fromFork) return undefined;
    return `a job was started for #${number}, which comes from a fork`;
  },
};
