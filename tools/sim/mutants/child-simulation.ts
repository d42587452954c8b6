import { runScenario } from "../../../test/support/sim/run-seed.ts";
import { drawScenario } from "../../../test/support/sim/scenario.ts";
import type { ChildResult } from "./run-mutant.ts";

/** Runs seeds until an invariant breaks. */
async function main(): Promise<ChildResult> {
  const [, first = "1", last = "0"] = process.argv.slice(2);
  for (let seed = Number(first); seed <= Number(last); seed++) {
    const { violation } = await runScenario(drawScenario(seed, { alwaysThemed: true }));
    // A line for each seed: whoever waits sees that it goes on.
    process.stdout.write("\n");
    if (violation === undefined) continue;
    return { found: { seed, what: `${violation.invariant} ${violation.message}` } };
  }
  return { found: undefined };
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
process.exit(0);
