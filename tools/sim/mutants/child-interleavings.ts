import { databases } from "../../../test/support/interleavings/databases.ts";
import { nameOf, openLaboratory, pairsOf } from "../../../test/support/interleavings/prove.ts";
import { TRANSACTION_TYPES } from "../../../test/support/interleavings/types.ts";
import type { ChildResult } from "./run-mutant.ts";

/** Two runners that ask for the permission to apply one dirspace: the pair for which most of the locks are there. */
const TYPE = "grant";

/** Runs the pairs of this type with itself in every interleaving, until one breaks an invariant. */
async function main(): Promise<ChildResult> {
  const [adminUrl = ""] = process.argv.slice(2);
  const laboratory = openLaboratory(await databases(adminUrl));
  let found: ChildResult["found"];
  for (const pair of pairsOf(TRANSACTION_TYPES.filter(({ name }) => name === TYPE))) {
    const { violations } = await laboratory.prove(pair);
    process.stdout.write("\n");
    const [first] = violations;
    if (first === undefined) continue;
    found = { seed: 1, what: `${nameOf(pair)}: ${first.what}` };
    break;
  }
  await laboratory.close();
  return { found };
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
process.exit(0);
