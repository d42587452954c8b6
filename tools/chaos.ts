import { parseArgs } from "node:util";
import { chaos } from "../test/support/chaos/chaos.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(
    "npm run chaos -- [--kills N] [--seed N] [--json]\n\nKills server, database, runner and terraform at random points of the journey.\n",
  );
} else {
  const seed = Number(values.seed ?? Math.trunc(performance.timeOrigin) % 1_000_000);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(`seed ${seed}`);
  const report = await chaos({ seed, kills: Number(values.kills), say });
  process.stdout.write(`${JSON.stringify(report, null, values.json ? 0 : 2)}\n`);
  const { overlaps, plansAppliedTwice, locksLeft } = report;
  process.exitCode = overlaps + plansAppliedTwice + locksLeft === 0 ? 0 : 1;
}
