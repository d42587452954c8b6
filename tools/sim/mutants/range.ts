import { SCRIPTS } from "../../../test/support/store-twins/scripts.ts";
import type { Edit, Mutant } from "./mutant.ts";
import { runWith } from "./run-mutant.ts";

/** What broke, and in which history. */
export interface Found {
  readonly seed: number;
  readonly what: string;
}

/** Where mutants are let loose. */
export interface Range {
  /** Histories from this one on, until something breaks; undefined where nothing does. */
  run(mutant: Mutant, from: number): Promise<Found | undefined>;
  /** Whether this history breaks without any mutant. */
  isBrokenAnyway(by: Mutant["by"], seed: number): Promise<boolean>;
}

/** A history on two stores takes a hundred times as long as a seed, and reaches every statement of the store soon. */
const SEEDS_PER_HISTORY = 100;

export function openRange(adminUrl: string, seeds: number, say: (line: string) => void): Range {
  const sound = new Map<string, Promise<boolean>>();
  const last: Readonly<Record<Mutant["by"], number>> = {
    simulation: seeds,
    histories: SCRIPTS.length + Math.ceil(seeds / SEEDS_PER_HISTORY),
    // All schedules are run, and there is nothing to draw.
    interleavings: 1,
  };
  const run = (edits: readonly Edit[], by: Mutant["by"], from: number, to: number) =>
    from > to ? undefined : runWith(edits, by, [adminUrl, `${from}`, `${to}`]);
  async function breaks(by: Mutant["by"], seed: number): Promise<boolean> {
    const found = await run([], by, seed, seed);
    if (found === undefined) return false;
    say(`left out, broken without any mutant: ${by}, seed ${seed}, ${found.what}`);
    return true;
  }
  return {
    run: async ({ edits, by }, from) => run(edits, by, from, last[by]),
    isBrokenAnyway(by, seed) {
      const key = `${by} ${seed}`;
      const known = sound.get(key) ?? breaks(by, seed);
      sound.set(key, known);
      return known;
    },
  };
}
