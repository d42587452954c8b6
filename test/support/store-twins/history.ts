import { type Action, VCS_ACTIONS } from "./actions.ts";
import type { GivenDatabase } from "./database.ts";
import { ODD_ACTIONS } from "./odd-actions.ts";
import { RUNNER_ACTIONS } from "./runner-actions.ts";
import { createTwins } from "./twins.ts";
import { createWorld } from "./world.ts";

const ACTIONS = [...VCS_ACTIONS, ...RUNNER_ACTIONS, ...ODD_ACTIONS];
const WEIGHT = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);

/** What a history reached, so that a test can say that it was one. */
export interface HistoryReport {
  readonly steps: number;
  readonly decisions: number;
  readonly grants: number;
  readonly locks: number;
}

/** Plays the same random history on both stores; throws a `Difference` at the first step where they part. */
export async function playHistory(
  given: GivenDatabase,
  seed: number,
  steps: number,
): Promise<HistoryReport> {
  const twins = await createTwins(given);
  const world = createWorld(twins, seed);
  let locks = 0;
  for (let step = 1; step <= steps; step++) {
    const action = pick(world.random.below(WEIGHT));
    await twins.wait(world.random.below(3) * world.random.below(400));
    await action(world);
    await twins.compare(`seed ${seed}, step ${step}`);
    locks = Math.max(locks, twins.tables.locks.size);
  }
  const { decisions, grants } = twins.tables;
  return { steps, decisions: decisions.size, grants: grants.size, locks };
}

function pick(point: number): Action {
  let rest = point;
  for (const [weight, action] of ACTIONS) {
    if (rest < weight) return action;
    rest -= weight;
  }
  throw new RangeError("the point lies beyond all weights");
}
