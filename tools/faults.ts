import { parseArgs } from "node:util";
import { faults } from "../test/support/faults/faults.ts";

const USAGE = `npm run faults -- [--minutes M] [--seed N] [--json]

Runs two servers on one PostgreSQL against a GitHub of its own, and meanwhile kills servers, stops the database,
cuts connections and has the API answer with errors. Ends with calm and a count; exit code 1 when something was
lost, applied twice, shown twice or left behind, or when nothing was applied. The last line is JSON.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else {
  const seed = Number(values.seed ?? Math.trunc(performance.timeOrigin) % 1_000_000);
  const minutes = Number(values.minutes);
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    process.stderr.write(`--minutes and --seed are numbers.\n\n${USAGE}`);
    process.exit(2);
  }
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(`seed ${seed}`);
  const report = await faults({ seed, minutes, say });
  process.stdout.write(`${JSON.stringify(report, null, values.json ? 0 : 2)}\n`);
  const { lost, duplicateEffects, doubleApplies, stuck, applies } = report;
  const wrong = lost + duplicateEffects + doubleApplies + stuck.length;
  // What applies nothing proves nothing.
  process.exitCode = wrong === 0 && applies > 0 ? 0 : 1;
}
