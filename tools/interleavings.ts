import { parseArgs } from "node:util";
import { startThrowawayServer } from "../test/support/database-server.ts";
import { databases } from "../test/support/interleavings/databases.ts";
import {
  levelsOf,
  nameOf,
  openLaboratory,
  type Pair,
  pairsOf,
  type Violation,
} from "../test/support/interleavings/prove.ts";
import { TRANSACTION_TYPES } from "../test/support/interleavings/types.ts";

const USAGE = `npm run interleavings -- [--only TYPE [--with TYPE]] [--share N/M] [--all] [--json]

Runs every pair of transaction types on PostgreSQL in every interleaving of their statements.
  --only TYPE   pairs with this type, and with --with only the pair of the two
  --share N/M   the N-th of M equal parts of the pairs, for several machines
  --all         also the interleavings that cannot differ from one that is run
  --json        nothing but the last line
  types: ${TRANSACTION_TYPES.map(({ name }) => name).join(", ")}
`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    with: { type: "string" },
    share: { type: "string", default: "1/1" },
    all: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wanted(pairs: readonly Pair[]): readonly Pair[] {
  const { only, with: beside, share } = values;
  const names: ReadonlySet<string> = new Set(TRANSACTION_TYPES.map(({ name }) => name));
  for (const name of [only, beside]) {
    if (name !== undefined && !names.has(name)) throw new Error(`there is no type ${name}`);
  }
  const [part = 1, parts = 1] = share.split("/").map(Number);
  if (!(part >= 1 && part <= parts)) throw new Error("--share is N/M, as 1/4");
  return pairs
    .filter(({ types: [{ name: one }, { name: other }] }) => {
      if (only === undefined) return true;
      if (beside === undefined) return one === only || other === only;
      return (one === only && other === beside) || (one === beside && other === only);
    })
    .toSorted((a, b) => compare(levelsOf(a).join(" "), levelsOf(b).join(" ")))
    .filter((_, at, { length }) => Math.floor((at * parts) / length) === part - 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function main(): Promise<void> {
  const say = (text: string) => void (values.json || process.stderr.write(`${text}\n`));
  const began = performance.now();
  const pairs = wanted(pairsOf(TRANSACTION_TYPES));
  const server = await startThrowawayServer();
  const laboratory = openLaboratory(await databases(server.adminUrl));
  const violations: Violation[] = [];
  let schedules = 0;
  for (const pair of pairs) {
    const started = performance.now();
    try {
      const proof = await laboratory.prove(pair, { all: values.all });
      schedules += proof.schedules;
      violations.push(...proof.violations);
      const took = Math.round(performance.now() - started);
      say(
        `${proof.pair}: ${proof.schedules} schedules, ${proof.violations.length} violations, ${took} ms`,
      );
    } catch (error) {
      violations.push({ pair: nameOf(pair), what: String(error), schedule: [], difference: [] });
      say(`${nameOf(pair)}: ${String(error)}`);
    }
  }
  for (const { pair, what, schedule, difference } of violations) {
    say(`\n${pair}\n  ${what}\n    ${[...schedule, ...difference].join("\n    ")}`);
  }
  await laboratory.close();
  await server.stop();
  const transactionTypes = TRANSACTION_TYPES.length;
  const seconds = Math.round((performance.now() - began) / 1_000);
  const report = { transactionTypes, pairs: pairs.length, schedules, violations, seconds };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(USAGE);
else await main();
