import { startThrowawayServer } from "../../../test/support/database-server.ts";
import { MUTANTS } from "./all.ts";
import type { Mutant } from "./mutant.ts";
import { type ChildResult, runWith } from "./run-mutant.ts";

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

/** A history takes a thousand times as long as a seed, and reaches every statement of the store soon. */
const SEEDS_PER_HISTORY = 50;
const FIRST = 1;

/** Tries to find every mutant. A seed that breaks without any of them proves nothing and is left out. */
export async function hunt({ only, seeds, workers, say }: HuntOptions): Promise<Hunt> {
  const wanted = MUTANTS.filter(({ name }) => name.includes(only));
  const server = await startThrowawayServer();
  const histories = Math.ceil(seeds / SEEDS_PER_HISTORY);
  const seedArgs = (broken: readonly number[]) => [`${FIRST}`, `${seeds}`, broken.join(",")];
  const historyArgs = [server.adminUrl, `${FIRST}`, `${histories}`];
  try {
    const known = await sound(wanted, [...seedArgs([]), "all"], historyArgs, say);
    const waiting = [...wanted];
    const survivors: string[] = [];
    async function work(): Promise<void> {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const args = one.by === "simulation" ? seedArgs(known) : historyArgs;
        const { found } = await runWith(one.edits, one.by, args);
        if (found === undefined) survivors.push(one.name);
        say(
          found === undefined
            ? `SURVIVED  ${one.name}`
            : `killed    ${one.name}: ${found.what} (${one.by}, seed ${found.seed})`,
        );
      }
    }
    await Promise.all(Array.from({ length: workers }, work));
    const killed = wanted.length - survivors.length;
    return { mutants: wanted.length, killed, survivors };
  } finally {
    await server.stop();
  }
}

/** The same without a mutant: seeds that break already, and none of the histories may. */
async function sound(
  wanted: readonly Mutant[],
  seedArgs: readonly string[],
  historyArgs: readonly string[],
  say: (line: string) => void,
): Promise<readonly number[]> {
  const tries = (by: Mutant["by"]) => wanted.some((mutant) => mutant.by === by);
  const nothing: ChildResult = { found: undefined, broken: [] };
  const [seeds, histories, interleavings] = await Promise.all([
    tries("simulation") ? runWith([], "simulation", seedArgs) : nothing,
    tries("histories") ? runWith([], "histories", historyArgs) : nothing,
    tries("interleavings") ? runWith([], "interleavings", []) : nothing,
  ]);
  if (histories.found !== undefined) {
    throw new Error(`The stores differ without any mutant: ${histories.found.what}`);
  }
  if (interleavings.found !== undefined) {
    throw new Error(`A pair breaks without any mutant: ${interleavings.found.what}`);
  }
  const { broken } = seeds;
  if (broken.length > 0) say(`left out, broken without any mutant: seeds ${broken.join(", ")}`);
  return broken;
}
