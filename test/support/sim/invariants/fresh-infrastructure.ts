import type { Of } from "./invariant.ts";

export const freshInfrastructure: Of<"begin"> = {
  id: "S11",
  says: "nothing was applied to a dirspace between a plan and its apply",
  when: "begin",
  check: (_world, apply) => {
    if (apply.plan === undefined || apply.plan.serial === apply.serialBefore) return undefined;
    const { dirspace, plan, serialBefore } = apply;
    return `${dirspace}: planned at state ${plan.serial}, applied at ${serialBefore}`;
  },
};
