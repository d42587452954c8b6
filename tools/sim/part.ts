import { FAULT_CLASSES, type FaultClass } from "../../test/support/sim/faults.ts";
import { runScenario } from "../../test/support/sim/run-seed.ts";
import { drawScenario, type Scenario } from "../../test/support/sim/scenario.ts";
import { shrink } from "../../test/support/sim/shrink.ts";
import type { SizeName } from "../../test/support/sim/size.ts";

/** Seeds from `first` on that one process runs. */
export interface Part {
  readonly first: number;
  readonly seeds: number;
  /** Undefined: as each seed says. */
  readonly size: SizeName | undefined;
  readonly shrink: boolean;
  readonly trace: boolean;
}

export interface Found {
  readonly seed: number;
  readonly size: SizeName | undefined;
  readonly invariant: string;
  /** Of the smallest history that was found. */
  readonly steps: number;
  readonly message: string;
  readonly faults: readonly FaultClass[];
  readonly history: readonly string[];
}

type Counts<K extends string> = Readonly<Partial<Record<K, number>>>;

export interface PartResult {
  readonly seeds: number;
  readonly events: number;
  readonly steps: number;
  readonly checks: number;
  readonly faults: Counts<FaultClass>;
  readonly sizes: Counts<SizeName>;
  readonly violations: readonly Found[];
  readonly traces: readonly (readonly [seed: number, trace: number])[];
}

export const NOTHING: PartResult = {
  seeds: 0,
  events: 0,
  steps: 0,
  checks: 0,
  faults: {},
  sizes: {},
  violations: [],
  traces: [],
};

export function plus(one: PartResult, other: PartResult): PartResult {
  return {
    seeds: one.seeds + other.seeds,
    events: one.events + other.events,
    steps: one.steps + other.steps,
    checks: one.checks + other.checks,
    faults: sum(one.faults, other.faults),
    sizes: sum(one.sizes, other.sizes),
    violations: [...one.violations, ...other.violations],
    traces: [...one.traces, ...other.traces],
  };
}

function sum<K extends string>(one: Counts<K>, other: Counts<K>): Counts<K> {
  const both: Partial<Record<K, number>> = { ...one };
  for (const [name, count] of Object.entries(other) as [K, number][]) {
    both[name] = (both[name] ?? 0) + count;
  }
  return both;
}

/** Violations that one process minimises; more of them are the same few mistakes. */
const SHRUNK_MAX = 5;
let shrunk = 0;

export async function runPart(part: Part): Promise<PartResult> {
  let total = NOTHING;
  for (let seed = part.first; seed < part.first + part.seeds; seed++) {
    total = plus(total, await runOne(seed, part));
  }
  return total;
}

async function runOne(seed: number, part: Part): Promise<PartResult> {
  const scenario = drawScenario(seed, { size: part.size });
  const { size } = scenario;
  const result = await runScenario(scenario);
  const { events, steps, checks, violation } = result;
  const found: Found[] = [];
  if (violation !== undefined) {
    const isWanted = part.shrink && shrunk++ < SHRUNK_MAX;
    const small = isWanted ? await shrink(scenario, result) : { scenario, result };
    found.push(told(small.scenario, small.result.violation ?? violation));
  }
  return {
    seeds: 1,
    events,
    steps,
    checks,
    faults: Object.fromEntries(result.faults),
    sizes: { [size.name]: 1 },
    violations: found,
    traces: part.trace ? [[seed, result.trace]] : [],
  };
}

function told(
  scenario: Scenario,
  violation: { readonly invariant: string; readonly message: string; readonly steps: number },
): Found {
  const { seed, operations, intensities, size } = scenario;
  return {
    seed,
    size: size.name,
    ...violation,
    faults: FAULT_CLASSES.filter((name) => intensities[name] > 0),
    history: operations.map(({ atMs, kind }) => `${Math.round(atMs / 1000)} s: ${kind}`),
  };
}
