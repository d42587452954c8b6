import type { Of } from "./invariant.ts";

/** Counted where it happens: two tools that change one dirspace at a time, whatever anybody believes. */
export const oneApply: Of<"begin"> = {
  id: "S1",
  says: "at most one apply of a dirspace is in flight",
  when: "begin",
  check: ({ ghost }, apply) => {
    for (const other of ghost.running) {
      if (other !== apply && other.dirspace === apply.dirspace) {
        return `${apply.dirspace} is changed by ${apply.runId} and ${other.runId} at once`;
      }
    }
    return undefined;
  },
};
