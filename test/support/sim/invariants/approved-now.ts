import { CONFIGS } from "../configs.ts";
import type { Of } from "./invariant.ts";
import { mightBeInOps } from "./might.ts";
import { workOf } from "./work-of.ts";

/** S16 is the same check: what counts is what the default branch asks for, whatever the head says. */
export const approvedNow: Of<"grant"> = {
  id: "S14",
  says: "the approvals that the default branch wants are there at the moment of the grant, for this head",
  when: "grant",
  check: (world, grant) => {
    const { served } = grant;
    if (served === undefined) return "the forge was not asked";
    if (served.state === "merged") return undefined;
    const run = world.memory.tables.runs.get(workOf(world, grant)?.runId ?? grant.runId);
    const text = world.forge.commits.filesAt(served.defaultBranchSha).get(".terrane/config.yml");
    const rules = CONFIGS.find((one) => one.text === text);
    const wanted = rules?.approvals ?? 0;
    if (wanted === 0 || run?.forced === true) return undefined;
    const approvers = served.reviews.filter(
      ({ verdict, commit, reviewer }) =>
        verdict === "approved" &&
        commit === served.headSha &&
        reviewer.id !== served.author.id &&
        (rules?.ofTeam !== true || mightBeInOps(world, reviewer.id, grant)),
    );
    if (approvers.length >= wanted) return undefined;
    return `#${served.number} was granted with ${approvers.length} of ${wanted} approvals`;
  },
};
