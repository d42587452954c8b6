import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { inLanes } from "./check/lanes.ts";
import { fingerprint, readLedger, writeLedger } from "./check/ledger.ts";
import { runStep, type StepResult } from "./check/run-step.ts";
import { STEPS, type Step } from "./check/steps.ts";
import { footer, type TestCounts } from "./test-footer.ts";

const HELP = `npm run check -- [--only a,b] [--except a,b] [--reuse]

Runs everything that must hold before a change lands, one line per step. What only looks at files runs two at a time.

  --only a,b     only these steps
  --except a,b   all but these steps
  --reuse        do not repeat a step that already ran on exactly this tree
  --list         the names of the steps
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      except: { type: "string" },
      reuse: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(HELP);
  const steps = selected(values.only, values.except);
  if (values.list) return say(steps.map((step) => step.name).join("\n"));

  const started = performance.now();
  const tree = fingerprint(process.cwd());
  const known = readLedger(tree);
  const run = async (step: Step): Promise<StepResult> => {
    const before = values.reuse ? known.get(step.name) : undefined;
    const result = before ?? (await attempt(step));
    say(line(step, result, before !== undefined));
    if (result.state === "failed" && before === undefined) say(indent(result.output));
    if (result.state === "left_out") known.delete(step.name);
    else known.set(step.name, result);
    return result;
  };
  const results = await inLanes(steps, (step) => step.shares === true, run);
  // A fixer or a generator that ran meanwhile changed the tree: then nothing is known about it.
  if (fingerprint(process.cwd()) === tree) writeLedger(tree, known);
  summarise(steps, results, performance.now() - started);
}

async function attempt(step: Step): Promise<StepResult> {
  if (step.needs !== undefined && !existsSync(step.needs)) {
    return { state: "left_out", because: `there is no ${step.needs}` };
  }
  return runStep(step);
}

function selected(only: string | undefined, except: string | undefined): readonly Step[] {
  const wanted = names(only);
  const unwanted = names(except);
  const steps = STEPS.filter(
    ({ name }) => (only === undefined || wanted.has(name)) && !unwanted.has(name),
  );
  for (const name of [...wanted, ...unwanted]) {
    if (!STEPS.some((step) => step.name === name)) {
      throw new Error(`no step "${name}"; there are ${STEPS.map((step) => step.name).join(", ")}`);
    }
  }
  return steps;
}

function names(list: string | undefined): ReadonlySet<string> {
  return new Set((list ?? "").split(",").filter((name) => name !== ""));
}

function line(step: Step, result: StepResult, reused: boolean): string {
  const name = step.name.padEnd(12);
  switch (result.state) {
    case "left_out":
      return `- ${name}         left out: ${result.because}`;
    case "passed":
    case "failed": {
      const mark = result.state === "passed" ? "✓" : "✗";
      const time = reused ? "  known" : `${(result.ms / 1000).toFixed(1)} s`.padStart(7);
      const counts = result.counts === undefined ? "" : `  ${footer(result.counts)}`;
      return `${mark} ${name} ${time}  ${step.title}${counts}`;
    }
  }
}

/** Only tests count as passed; a failed step without tests counts as one failure. */
function summarise(steps: readonly Step[], results: readonly StepResult[], ms: number): void {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failed: string[] = [];
  results.forEach((result, at) => {
    if (result.state === "left_out") return;
    const counts: TestCounts = result.counts ?? { passed: 0, failed: 0, skipped: 0 };
    total.passed += counts.passed;
    total.skipped += counts.skipped;
    total.failed += result.state === "failed" ? Math.max(counts.failed, 1) : counts.failed;
    if (result.state === "failed") failed.push(steps[at]?.name ?? "");
  });
  if (failed.length > 0) {
    say(`\nfailed: ${failed.join(", ")}; again with npm run check -- --only ${failed.join(",")}`);
    process.exitCode = 1;
  }
  say(`${(ms / 1000).toFixed(0)} s`);
  say(footer(total));
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((one) => `  │ ${one}`)
    .join("\n");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
