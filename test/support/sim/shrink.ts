import { FAULT_CLASSES } from "./faults.ts";
import { runScenario, type SeedResult } from "./run-seed.ts";
import type { Scenario } from "./scenario.ts";

export interface Shrunk {
  readonly scenario: Scenario;
  readonly result: SeedResult;
  readonly tries: number;
}

const TRIES_MAX = 150;

/**
 * Takes away whatever the violation can do without: classes of faults, servers, then operations in ever smaller
 * pieces (delta debugging). What is left breaks the same invariant.
 */
export async function shrink(scenario: Scenario, first: SeedResult): Promise<Shrunk> {
  const broken = first.violation?.invariant;
  let best: Omit<Shrunk, "tries"> = { scenario, result: first };
  let tries = 0;

  async function keeps(candidate: Scenario): Promise<boolean> {
    if (tries >= TRIES_MAX) return false;
    tries += 1;
    const result = await runScenario(candidate);
    if (result.violation?.invariant !== broken) return false;
    best = { scenario: candidate, result };
    return true;
  }

  for (const name of FAULT_CLASSES) {
    const { intensities } = best.scenario;
    if (intensities[name] === 0) continue;
    await keeps({ ...best.scenario, intensities: { ...intensities, [name]: 0 } });
  }
  while (best.scenario.servers.length > 1) {
    if (!(await keeps({ ...best.scenario, servers: best.scenario.servers.slice(1) }))) break;
  }
  for (let size = Math.ceil(best.scenario.operations.length / 2); size >= 1; ) {
    let removed = false;
    for (let at = 0; at < best.scenario.operations.length; ) {
      const { operations } = best.scenario;
      const rest = [...operations.slice(0, at), ...operations.slice(at + size)];
      if (rest.length > 0 && (await keeps({ ...best.scenario, operations: rest }))) removed = true;
      else at += size;
    }
    if (size === 1 && !removed) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return { ...best, tries };
}
