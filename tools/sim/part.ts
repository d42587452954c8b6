import { FAULT_CLASSES, type FaultClass } from "../../test/support/sim/faults.ts";
import { runScenario } from "../../test/support/sim/run-seed.ts";
import { drawScenario, type Scenario } from "../../test/support/sim/scenario.ts";
import { shrink } from "../../test/support/sim/shrink.ts";

/** Seeds from `first` on that one process runs. */
export interface Part {
  readonly first: number;
  readonly seeds: number;
  readonly shrink: boolean;
  readonly trace: boolean;
}

export interface Found {
  readonly seed: number;
  readonly invariant: string;
  /** Of the smallest history that was found. */
  readonly steps: number;
  readonly message: string;
  readonly faults: readonly FaultClass[];
  readonly history: readonly string[];
}

export interface PartResult {
  readonly seeds: number;
  readonly events: number;
  readonly steps: number;
  readonly checks: number;
  readonly faults: Readonly<Partial<Record<FaultClass, number>>>;
  readonly violations: readonly Found[];
  readonly traces: readonly (readonly [seed: number, trace: number])[];
}

/** Violations that are minimised; more of them are the same few mistakes. */
const SHRUNK_MAX = 5;

export async function runPart(part: Part): Promise<PartResult> {
  let events = 0;
  let steps = 0;
  let checks = 0;
  const faults: Partial<Record<FaultClass, number>> = {};
  const violations: Found[] = [];
  const traces: (readonly [number, number])[] = [];
  for (let seed = part.first; seed < part.first + part.seeds; seed++) {
    const scenario = drawScenario(seed);
    const result = await runScenario(scenario);
    events += result.events;
    steps += result.steps;
    checks += result.checks;
    for (const [name, count] of result.faults) faults[name] = (faults[name] ?? 0) + count;
    if (part.trace) traces.push([seed, result.trace]);
    if (result.violation !== undefined) {
      const small =
        part.shrink && violations.length < SHRUNK_MAX
          ? await shrink(scenario, result)
          : { scenario, result };
      violations.push(found(small.scenario, small.result.violation ?? result.violation));
    }
  }
  return { seeds: part.seeds, events, steps, checks, faults, violations, traces };
}

function found(
  scenario: Scenario,
  violation: { readonly invariant: string; readonly message: string; readonly steps: number },
): Found {
  const { seed, operations, intensities } = scenario;
  return {
    seed,
    ...violation,
    faults: FAULT_CLASSES.filter((name) => intensities[name] > 0),
    history: operations.map(({ atMs, kind }) => `${Math.round(atMs / 1000)} s: ${kind}`),
  };
}
