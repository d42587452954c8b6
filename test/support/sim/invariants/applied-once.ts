import type { Of } from "./invariant.ts";

export const appliedOnce: Of<"begin"> = {
  id: "S5",
  says: "one permission starts one apply",
  when: "begin",
  check: ({ ghost }, apply, at) => {
    const earlier = ghost.applies
      .slice(0, at)
      .find((one) => one.dirspace === apply.dirspace && one.fence === apply.fence);
    return earlier && `${apply.dirspace} was applied twice under the fence ${apply.fence}`;
  },
};
