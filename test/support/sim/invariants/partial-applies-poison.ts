import type { Of } from "./invariant.ts";

export const partialAppliesPoison: Of<"begin"> = {
  id: "S13",
  says: "a plan is applied once, however that went",
  when: "begin",
  check: ({ ghost }, apply, at) => {
    const earlier = ghost.applies.slice(0, at).find((one) => one.bytes === apply.bytes);
    return earlier && `${apply.bytes} was applied again after it ${earlier.end}`;
  },
};
