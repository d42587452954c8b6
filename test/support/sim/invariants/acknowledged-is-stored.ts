import type { Of } from "./invariant.ts";

export const acknowledgedIsStored: Of<"step"> = {
  id: "S20",
  says: "a delivery that was answered with success is stored",
  when: "step",
  check: ({ deliveries, memory }) => {
    for (const id of deliveries.unchecked.splice(0)) {
      if (memory.tables.deliveries.get(`sim|${id}`) !== undefined) continue;
      return `${id} was acknowledged and is nowhere`;
    }
    return undefined;
  },
};
