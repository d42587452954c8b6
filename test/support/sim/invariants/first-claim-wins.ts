import type { Of } from "./invariant.ts";

export const firstClaimWins: Of<"begin"> = {
  id: "S26",
  says: "one CI job works on an attempt",
  when: "begin",
  check: ({ ghost }, apply, at) => {
    const other = ghost.applies
      .slice(0, at)
      .find((one) => one.attempt === apply.attempt && one.ciRun !== apply.ciRun);
    return other && `${apply.ciRun} and ${other.ciRun} both applied for ${apply.attempt}`;
  },
};
