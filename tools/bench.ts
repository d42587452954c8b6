import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { ack } from "./bench/ack.ts";
import { ackLoad } from "./bench/ack-load.ts";
import type { BenchContext, Benchmark } from "./bench/benchmark.ts";
import { changeSet } from "./bench/change-set.ts";
import { answerParent } from "./bench/child.ts";
import { claim } from "./bench/claim.ts";
import { codeIndex } from "./bench/code-index.ts";
import { codeIndexEverything, codeIndexOurs } from "./bench/code-index-child.ts";
import { dispatch } from "./bench/dispatch.ts";
import { fairness } from "./bench/fairness.ts";
import { makespan } from "./bench/makespan.ts";
import { runner } from "./bench/runner.ts";
import { type BenchServer, startBenchServer } from "./bench/server.ts";
import { rounded } from "./bench/statistics.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  makespan,
  runner,
  "change-set": changeSet,
  "code-index": codeIndex,
  dispatch,
  claim,
  fairness,
  ack,
};

/** What this program does in the child processes that it starts. */
const ROLES: Readonly<Record<string, (input: unknown) => Promise<object>>> = {
  "code-index-ours": codeIndexOurs,
  "code-index-everything": codeIndexEverything,
  "ack-load": ackLoad,
};

const USAGE = `Usage: npm run bench -- [--only ${Object.keys(BENCHMARKS).join(",")}] [--quick]`;

/** Progress on stderr; the last line on stdout is one JSON object. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      role: { type: "string" },
    },
  });
  if (values.role !== undefined) {
    const role = ROLES[values.role];
    if (role === undefined) throw new Error(`there is no role ${values.role}`);
    answerParent(role);
    return;
  }
  const names = values.only?.split(",") ?? Object.keys(BENCHMARKS);
  const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(", ")}\n${USAGE}`);
  const { quick } = values;
  const before = machine();
  const benchmarks = await runAll(names, quick);
  const result = { benchmarks, machine: before, loadAfter: loadavg().map(rounded), quick };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function runAll(names: readonly string[], quick: boolean): Promise<object> {
  let starting: Promise<BenchServer> | undefined;
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= starting?.then((server) => server.stop()) ?? Promise.resolve());
  // The benchmark that loses its database ends as well, and both ways out wait for the same cleaning up.
  const interrupt = (signal: NodeJS.Signals) => {
    void stop().finally(() => process.kill(process.pid, signal));
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const context: BenchContext = {
    quick,
    say: (text) => process.stderr.write(`${text}\n`),
    server: () => (starting ??= startBenchServer()),
  };
  const results: Record<string, object> = {};
  try {
    for (const name of names) {
      const began = performance.now();
      const result = await BENCHMARKS[name]?.(context);
      results[name] = { ...result, tookSeconds: rounded((performance.now() - began) / 1_000) };
    }
  } finally {
    await stop();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
  return results;
}

function machine(): object {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    // Other work on the machine makes times longer; counts stay and ratios mostly do.
    loadBefore: loadavg().map(rounded),
  };
}

await main();
