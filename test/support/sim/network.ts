import type { Prng } from "../../../src/base/prng.ts";

/** How long things take in one seed. */
export interface Pace {
  /** Usual milliseconds of one call. */
  readonly store: number;
  readonly network: number;
  /** How often a call takes a hundred times as long. */
  readonly slow: number;
}

export function drawPace(rng: Prng): Pace {
  return {
    store: rng.pick([0, 2, 5, 50]),
    network: rng.pick([0, 40, 200, 2_000]),
    slow: rng.pick([0, 0.02, 0.1]),
  };
}

export function duration(rng: Prng, usualMs: number, slow: number): number {
  const ms = rng.below(2 * usualMs + 1);
  return slow > 0 && rng.chance(slow) ? Math.min(ms * 100, 120_000) : ms;
}
