import { NO_FAULTS } from "../support/sim/faults.ts";
import { drawScenario, type Scenario } from "../support/sim/scenario.ts";
import { ANY } from "../support/sim/theme.ts";

/** A history that once broke an invariant, minimised; what was wrong is told in docs/proof.md. */
export interface FoundHistory {
  readonly name: string;
  readonly scenario: Scenario;
}

const plain: Scenario = {
  ...drawScenario(1),
  theme: ANY,
  intensities: NO_FAULTS,
  operations: [],
};

export const FOUND: readonly FoundHistory[] = [
  {
    name: "L40 a comment that was forbidden while the installation was suspended is right afterwards",
    scenario: {
      ...plain,
      intensities: { ...NO_FAULTS, F11: 1 },
      operations: [
        { atMs: 0, kind: "open", dice: 1 },
        { atMs: 60_000, kind: "next", dice: 1 },
        { atMs: 70_000, kind: "suspended", dice: 3 },
      ],
    },
  },
];
