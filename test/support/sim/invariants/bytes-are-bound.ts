import type { Of } from "./invariant.ts";
import { workOf } from "./work-of.ts";

export const bytesAreBound: Of<"begin"> = {
  id: "S12",
  says: "the bytes that are applied are those that were planned, reviewed and granted",
  when: "begin",
  check: (world, apply) => {
    const { plan, bytes, dirspace } = apply;
    const work = workOf(world, apply);
    if (
      plan?.dirspace === dirspace &&
      work?.planDigest === bytes &&
      work.planRunId === plan.runId
    ) {
      return undefined;
    }
    return `${dirspace}: ${bytes} was applied, ${work?.planDigest} was granted`;
  },
};
