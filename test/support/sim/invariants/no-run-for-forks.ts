import type { Of } from "./invariant.ts";

export const noRunForForks: Of<"start"> = {
  id: "S17",
  says: "no job is started for a pull request of a fork before somebody who may write approved its commit",
  when: "start",
  check: ({ memory, forge }, { attempt }) => {
    const { attempts, runs, pullRequests } = memory.tables;
    const run = runs.get(attempts.get(attempt)?.runId ?? ("" as never));
    const number = run && pullRequests.get(run.pullRequestId)?.number;
    if (run === undefined || number === undefined || !forge.pull(number).fromFork) return undefined;
    if (forge.pull(number).state === "merged") return undefined;
    if (forge.trusted.has(`${number}|${run.headSha}`)) return undefined;
    return `a job was started for #${number}, which comes from a fork that nobody approved`;
  },
};
