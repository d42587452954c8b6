import { assert } from "./assert.ts";

/** A seeded source of numbers: the same seed gives the same numbers on every machine, for ever. */
export type Prng = {
  /** A whole number from 0 to 2^32 - 1. */
  readonly uint32: () => number;
  /** A whole number with `0 <= n < below`. */
  readonly below: (below: number) => number;
  /** True with the given probability, from 0 to 1. */
  readonly chance: (probability: number) => boolean;
  /** One of the items; the list must not be empty. */
  readonly pick: <T>(items: readonly T[]) => T;
  /** The items in another order; the argument stays as it is. */
  readonly shuffle: <T>(items: readonly T[]) => T[];
  /** A source of its own, so that more draws in one place do not change what another place draws. */
  readonly fork: () => Prng;
};

const RANGE = 2 ** 32;

/**
 * splitmix32: 32 bits of state, every seed good, four lines. Simulations and jitter need speed and
 * replay. Secrets and identifiers never come from here.
 */
export function prng(seed: number): Prng {
  let state = seed >>> 0;

  function uint32(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  function below(limit: number): number {
    assert(
      Number.isInteger(limit) && limit >= 1 && limit <= RANGE,
      `prng: a limit of ${limit} is not between 1 and 2^32`,
    );
    // Multiply and divide instead of a remainder: no loop, and a bias below 2^-32 per value.
    return Math.floor((uint32() / RANGE) * limit);
  }

  function pick<T>(items: readonly T[]): T {
    assert(items.length > 0, "prng: nothing to pick from");
    return items[below(items.length)] as T;
  }

  function shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const out: T[] = [];
    while (rest.length > 0) out.push(...rest.splice(below(rest.length), 1));
    return out;
  }

  return {
    uint32,
    below,
    chance: (probability) => uint32() / RANGE < probability,
    pick,
    shuffle,
    fork: () => prng(uint32()),
  };
}
