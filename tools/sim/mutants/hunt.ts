import { startThrowawayServer } from "../../../test/support/database-server.ts";
import { MUTANTS } from "./all.ts";
import type { Mutant } from "./mutant.ts";
import { type Found, openRange, type Range } from "./range.ts";

export interface HuntOptions {
  /** Only mutants whose name holds this. */
  readonly only: string;
  /** How many seeds a mutant is given before it counts as a survivor. */
  readonly seeds: number;
  readonly workers: number;
  readonly say: (line: string) => void;
}

export interface Hunt {
  readonly mutants: number;
  readonly killed: number;
  readonly survivors: readonly string[];
}

/** Tries to find every mutant, several of them at a time. */
export async function hunt({ only, seeds, workers, say }: HuntOptions): Promise<Hunt> {
  const wanted = MUTANTS.filter(({ name }) => name.includes(only));
  const server = await startThrowawayServer();
  const range = openRange(server.adminUrl, seeds, say);
  // What takes longest comes first, so that all workers end at about the same time.
  const waiting = wanted.toSorted((a, b) => COST[b.by] - COST[a.by]);
  const survivors: string[] = [];
  const began = performance.now();
  async function work(): Promise<void> {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const found = await findOut(range, one);
      if (found === undefined) survivors.push(one.name);
      const seconds = Math.round((performance.now() - began) / 1000);
      say(`${seconds} s  ${textOf(one, found)}`);
    }
  }
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await server.stop();
  }
  return { mutants: wanted.length, killed: wanted.length - survivors.length, survivors };
}

const COST: Readonly<Record<Mutant["by"], number>> = {
  interleavings: 2,
  histories: 1,
  simulation: 0,
};

/** A seed that breaks without the mutant as well proves nothing: the next ones are tried. */
async function findOut(range: Range, mutant: Mutant): Promise<Found | undefined> {
  for (let from = 1; ; ) {
    const found = await range.run(mutant, from);
    if (found === undefined || !(await range.isBrokenAnyway(mutant.by, found.seed))) return found;
    from = found.seed + 1;
  }
}

function textOf({ name, by }: Mutant, found: Found | undefined): string {
  if (found === undefined) return `SURVIVED  ${name}`;
  return `killed    ${name}: ${found.what.slice(0, 100)} (${by}, seed ${found.seed})`;
}
