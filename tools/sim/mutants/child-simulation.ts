import { runSeed } from "../../../test/support/sim/run-seed.ts";
import type { ChildResult } from "./run-mutant.ts";

/** Runs seeds until an invariant breaks that holds without the mutant, or all of them where there is none. */
async function main(): Promise<ChildResult> {
  const [first = "1", seeds = "0", skipped = "", all = ""] = process.argv.slice(2);
  const known = new Set(skipped.split(",").map(Number));
  const broken: number[] = [];
  for (let seed = Number(first); seed < Number(first) + Number(seeds); seed++) {
    if (known.has(seed)) continue;
    const { violation } = await runSeed(seed);
    if (violation === undefined) continue;
    if (all === "") return { found: { seed, what: violation.invariant }, broken: [seed] };
    broken.push(seed);
  }
  return { found: undefined, broken };
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
process.exit(0);
