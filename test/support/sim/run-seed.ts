import type { Violation } from "./checker.ts";
import type { FaultClass } from "./faults.ts";
import type { Scenario } from "./scenario.ts";
import { World } from "./world.ts";

/** What one history came to. */
export interface SeedResult {
  readonly seed: number;
  /** Events that the engine was told or told itself. */
  readonly events: number;
  readonly steps: number;
  readonly checks: number;
  readonly faults: ReadonlyMap<FaultClass, number>;
  readonly violation: Violation | undefined;
  /** Of every step and its moment: the same for the same seed, everywhere. */
  readonly trace: number;
}

const MINUTE = 60_000;
/** Faults go on for this much of the time of the operations beyond the last one. */
const FAULTY_TAIL_MS = 5 * MINUTE;
/** How long after the last fault everything has to have ended. */
const QUIET_AFTER_MS = 4 * 60 * MINUTE;
/** A history that does not come to rest is one that goes round in circles. */
const STEPS_MAX = 60_000;

export async function runScenario(scenario: Scenario): Promise<SeedResult> {
  const world = new World(scenario);
  const { sim, checker } = world;
  world.begin();
  const last = scenario.operations.at(-1)?.atMs ?? 0;
  const healAt = world.startedAt + Math.max(last * 1.25, last + FAULTY_TAIL_MS);
  sim.after(healAt - sim.now, "heal", () => world.heal());
  const over = healAt + QUIET_AFTER_MS;
  while (checker.violation === undefined) {
    if (!(await world.step())) break;
    if (world.isQuiet()) break;
    if (sim.now > over) break;
    if (sim.steps > STEPS_MAX) checker.violated("L33", "it goes round in circles");
  }
  if (checker.violation === undefined) await checker.ended();
  return {
    seed: scenario.seed,
    events: world.memory.tables.events.size,
    steps: sim.steps,
    checks: checker.checks,
    faults: world.faults.counts,
    violation: checker.violation,
    trace: sim.trace,
  };
}
