import { parseArgs } from "node:util";
import { SIZE_NAMES, type SizeName } from "../test/support/sim/size.ts";
import { hunt } from "./sim/mutants/hunt.ts";
import { simulate } from "./sim/simulate.ts";
import { summary } from "./sim/summary.ts";

const USAGE = `npm run sim -- [--seeds N] [--seed K] [--size S] [--workers W] [--json]

Runs N simulated histories from seed K on: the real core and engine with simulated servers, runners, forge, CI system,
clock, network and database. A seed gives the same history on every machine; \`--seeds 1 --seed K\` replays one.

  --seeds N     how many (1000)
  --seed K      the first one; without it a fresh one is taken and printed. Shares of a long run can be run apart
  --size S      tiny, small, large or huge: all histories of this size; without it each seed says its own
  --workers W   processes to spread them over (2)
  --no-shrink   leave what breaks a rule as it is
  --trace       print the hash of each history: equal seeds give equal ones
  --mutants     seed the table of bugs, one at a time, and find each; --seeds is what each is given
  --only NAME   only mutants whose name holds this
  --json        only the summary on standard output, one line; progress goes to standard error

An interrupt ends the run with the summary of what is done. The exit code is 1 when a rule was broken.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      seed: { type: "string" },
      size: { type: "string" },
      workers: { type: "string", default: "2" },
      shrink: { type: "boolean", default: true },
      trace: { type: "boolean", default: false },
      mutants: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
    allowNegative: true,
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const seeds = Number(values.seeds);
  const first = Number(values.seed ?? Date.now() % 1_000_000_000);
  const workers = Number(values.workers);
  const numbers = [seeds, first, workers];
  const isSize =
    values.size === undefined || (SIZE_NAMES as readonly string[]).includes(values.size);
  if (!isSize || !numbers.every((one) => Number.isInteger(one) && one >= 0) || workers < 1) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  if (values.mutants) {
    const tell = (text: string) => void process.stderr.write(`${text}\n`);
    const hunted = await hunt({ only: values.only, seeds, workers, say: tell });
    process.stdout.write(`${JSON.stringify(hunted)}\n`);
    if (hunted.survivors.length > 0) process.exitCode = 1;
    return;
  }
  if (!values.json) say(`seeds ${first} to ${first + seeds - 1}`);
  const began = performance.now();
  const { shrink, trace } = values;
  const size = values.size as SizeName | undefined;
  const total = await simulate({ first, seeds, size, workers, shrink, trace, say });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(`${JSON.stringify(summary(total, first, seconds))}\n`);
  if (total.violations.length > 0) process.exitCode = 1;
}

await main();
