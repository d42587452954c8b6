import { codeAt } from "../vcs/commits.ts";
import type { Of } from "./invariant.ts";

export const freshBase: Of<"grant"> = {
  id: "S11",
  says: "the code that is applied is the head merged with the base as the forge has them",
  when: "grant",
  check: ({ ghost, forge }, { digest, served, dirspace }) => {
    const plan = ghost.plans.get(digest);
    if (plan === undefined || served === undefined) return undefined;
    const files =
      served.state === "merged"
        ? forge.commits.filesAt(served.baseSha)
        : forge.commits.merged(served.baseSha, served.headSha).files;
    const now = codeAt(files, dirspace.slice(0, dirspace.lastIndexOf(":")));
    if (now === plan.wants) return undefined;
    return `${dirspace}: ${plan.wants} was planned, with its base it is ${now} now`;
  },
};
