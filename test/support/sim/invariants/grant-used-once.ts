import type { Of } from "./invariant.ts";

export const grantUsedOnce: Of<"grant"> = {
  id: "S5",
  says: "a run gets the permission to apply a dirspace once",
  when: "grant",
  check: ({ ghost }, grant, at) => {
    const earlier = ghost.grants
      .slice(0, at)
      .find((one) => one.runId === grant.runId && one.dirspace === grant.dirspace);
    return earlier && `${grant.runId} got the permission for ${grant.dirspace} twice`;
  },
};
