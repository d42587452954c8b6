import type { Prng } from "../../../src/base/prng.ts";

/** How much there is to meet on in one history. */
export interface Size {
  readonly name: SizeName;
  readonly pulls: number;
  readonly dirs: readonly string[];
  readonly operations: number;
  readonly servers: number;
  /** How likely each class of faults is on. */
  readonly faulty: number;
  /** It goes on for a while after everything has come to rest, to see whether it stays so. */
  readonly lingers: boolean;
}

export type SizeName = keyof typeof KINDS;

interface Kind {
  /** Of ten thousand seeds. */
  readonly share: number;
  readonly pulls: readonly number[];
  readonly dirs: readonly (readonly string[])[];
  /** At least, and how many more there may be. */
  readonly operations: readonly [least: number, more: number];
  readonly servers: readonly number[];
  readonly faulty: number;
  readonly lingers: number;
}

const [ONE, TWO, THREE, FOUR] = [
  ["net"],
  ["app", "net"],
  ["app", "db", "net"],
  ["app", "db", "dns", "net"],
] as const;

/**
 * Most of what can go wrong needs two of a kind and a few steps, so that many small worlds find more in the same time
 * than a few large ones. What needs more than that is left to the tail.
 */
const KINDS = {
  tiny: {
    share: 9_500,
    pulls: [1, 1, 2],
    dirs: [ONE, ONE, TWO],
    operations: [2, 2],
    servers: [1, 1, 1, 2],
    faulty: 0.25,
    lingers: 0.02,
  },
  small: {
    share: 450,
    pulls: [1, 2, 2, 2],
    dirs: [ONE, TWO, TWO],
    operations: [5, 9],
    servers: [1, 2, 3],
    faulty: 0.5,
    lingers: 0.2,
  },
  large: {
    share: 45,
    pulls: [3],
    dirs: [THREE],
    operations: [12, 16],
    servers: [1, 2, 3],
    faulty: 0.5,
    lingers: 0.5,
  },
  huge: {
    share: 5,
    pulls: [4, 5],
    dirs: [FOUR],
    operations: [30, 31],
    servers: [2, 3, 4],
    faulty: 0.5,
    lingers: 1,
  },
} as const satisfies Readonly<Record<string, Kind>>;

export const SIZE_NAMES = Object.keys(KINDS) as readonly SizeName[];

/** `forced`: whatever the dice say, for those who look for what only shows in large worlds. */
export function drawSize(rng: Prng, forced?: SizeName): Size {
  const drawn = drawName(rng.below(10_000));
  const name = forced ?? drawn;
  const { pulls, dirs, operations, servers, faulty, lingers }: Kind = KINDS[name];
  const [least, more] = operations;
  return {
    name,
    pulls: rng.pick(pulls),
    dirs: rng.pick(dirs),
    operations: least + rng.below(more),
    servers: rng.pick(servers),
    faulty,
    lingers: rng.chance(lingers),
  };
}

function drawName(dice: number): SizeName {
  let left = dice;
  return SIZE_NAMES.find((name) => (left -= KINDS[name].share) < 0) ?? "tiny";
}
