import type { Of } from "./invariant.ts";

export const fencesGrow: Of<"grant"> = {
  id: "S2",
  says: "every grant on a dirspace carries a larger fence than those before it",
  when: "grant",
  check: ({ ghost }, grant, at) => {
    const before = ghost.grants.slice(0, at).filter((one) => one.dirspace === grant.dirspace);
    const last = Math.max(0, ...before.map((one) => one.fence));
    if (grant.fence > last) return undefined;
    return `${grant.dirspace} got the fence ${grant.fence} after ${last}`;
  },
};
