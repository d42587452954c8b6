import { parseArgs } from "node:util";
import {
  BUDGET_MS,
  budgetMs,
  type Crash,
  Fuzzer,
  measure,
  type Slow,
  tryOne,
} from "./fuzz/fuzz.ts";

const SHOWN_MAX = 10;
const PROGRESS_MS = 30_000;

/** Feeds the readers of configuration what nobody should write. The last line is one JSON object. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  if (!(seconds > 0) || !Number.isInteger(seed)) {
    throw new Error("Usage: npm run fuzz -- [--seconds N] [--seed S] [--json]");
  }
  const say = (text: string) => void (values.json || process.stderr.write(`${text}\n`));
  const fuzzer = new Fuzzer(seed);
  const crashes: Crash[] = [];
  const overBudget: Slow[] = [];
  let slowest: Slow = { target: "", ms: 0, chars: 0, input: "" };
  let inputs = 0;
  const began = performance.now();
  let progress = began;
  while (performance.now() - began < seconds * 1_000) {
    const { target, input } = fuzzer.next();
    inputs += 1;
    const ms = measure(target, input);
    const slow = { target: target.name, ms: Math.round(ms * 10) / 10, chars: input.length, input };
    if (ms > slowest.ms) slowest = slow;
    if (ms > budgetMs(input)) overBudget.push(slow);
    const crash = tryOne(target, input);
    if (crash !== undefined) crashes.push(crash);
    if (performance.now() - progress < PROGRESS_MS) continue;
    progress = performance.now();
    say(`${inputs} inputs, ${crashes.length} crashes, slowest ${slowest.ms} ms`);
  }
  for (const crash of crashes.slice(0, SHOWN_MAX)) {
    process.stderr.write(`${crash.target}: ${crash.problem}\n${excerpt(crash.input)}\n`);
  }
  for (const slow of overBudget.slice(0, SHOWN_MAX)) {
    process.stderr.write(`${slow.target}: ${slow.ms} ms\n${excerpt(slow.input)}\n`);
  }
  const result = {
    seconds: Math.round((performance.now() - began) / 1_000),
    inputs,
    crashes: crashes.length,
    budget_ms: BUDGET_MS,
    over_budget: overBudget.length,
    slowest_ms: slowest.ms,
    slowest_chars: slowest.chars,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    seed,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (crashes.length > 0 || overBudget.length > 0) process.exitCode = 1;
}

/** Enough to see what it is; the seed makes the rest again. */
function excerpt(input: string): string {
  const text = JSON.stringify(input);
  return text.length > 2_000 ? `${text.slice(0, 2_000)}… (${input.length} characters)` : text;
}

await main();
