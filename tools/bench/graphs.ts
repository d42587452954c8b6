import { type Prng, prng } from "../../src/base/prng.ts";
import type { Node } from "../../src/runner/schedule.ts";

/** Work to be done: what waits for what, and how long each takes. */
export interface Job {
  readonly nodes: readonly Node[];
  readonly durations: readonly number[];
}

export type Shape = "chains" | "fan_out_fan_in" | "layered" | "random";

const NODES = 120;

/** The same seed gives the same job. */
export function makeJob(shape: Shape, seed: number): Job {
  const random = prng(seed);
  const nodes = EDGES[shape](random).map((after) => ({ after }));
  return { nodes, durations: nodes.map(() => duration(random)) };
}

const EDGES: Readonly<Record<Shape, (random: Prng) => number[][]>> = {
  /** Twelve chains of different length beside each other. */
  chains(random) {
    const last: number[] = [];
    return list((index) => {
      const chain = random.below(12);
      const before = last[chain];
      last[chain] = index;
      return before === undefined ? [] : [before];
    });
  },
  /** One, then many, then one, six times. */
  fan_out_fan_in: () => {
    const width = NODES / 6 - 1;
    return list((index) => {
      const at = index % (width + 1);
      const start = index - at;
      if (at > 0) return [start];
      return Array.from({ length: Math.min(width, index) }, (_, back) => index - 1 - back);
    });
  },
  /** Layers of twelve; each node waits for one to three of the layer before. */
  layered: (random) =>
    list((index) => {
      const layer = Math.floor(index / 12);
      if (layer === 0) return [];
      const draws = Array.from({ length: 1 + random.below(3) }, () => random.below(12));
      return draws.map((draw) => (layer - 1) * 12 + draw);
    }),
  /** Up to three earlier nodes, mostly near ones. */
  random: (random) =>
    list((index) => {
      if (index === 0) return [];
      const draws = Array.from({ length: random.below(4) }, () =>
        random.below(Math.min(index, 30)),
      );
      return draws.map((draw) => index - 1 - draw);
    }),
};

function list(edges: (index: number) => number[]): number[][] {
  return Array.from({ length: NODES }, (_, index) => edges(index));
}

/** Mostly short, sometimes ten times as long, as plans are: 5 s to 40 s, one in eight up to 300 s. */
function duration(random: Prng): number {
  return random.chance(1 / 8) ? 60 + random.below(240) : 5 + random.below(35);
}
