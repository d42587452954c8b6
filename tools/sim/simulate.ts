import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Part, PartResult } from "./part.ts";

export interface Simulation {
  readonly first: number;
  readonly seeds: number;
  readonly workers: number;
  readonly shrink: boolean;
  readonly trace: boolean;
  readonly say: (text: string) => void;
}

/** Small enough that all processes end at about the same time. */
const PART_SEEDS_MAX = 2_000;
const BUNDLE = ".cache/sim/worker.mjs";

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly result: PartResult };

/** Spreads the seeds over processes; what comes out does not depend on how. */
export async function simulate(simulation: Simulation): Promise<PartResult> {
  const { workers } = simulation;
  const parts = partsOf(simulation);
  const script = await bundle();
  const results = new Map<number, PartResult>();
  let next = 0;
  let done = 0;
  const run = async (): Promise<void> => {
    const worker = fork(script, { execArgv: ["--max-semi-space-size=32"] });
    await new Promise<void>((resolve, reject) => {
      let at = -1;
      worker.on("error", reject);
      worker.on("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`a process of the simulation ended with ${code}`));
      });
      worker.on("message", (message: FromWorker) => {
        if (message.kind === "done") {
          results.set(at, message.result);
          done += message.result.seeds;
          for (const one of message.result.violations) simulation.say(JSON.stringify(one));
          simulation.say(`${done} seeds`);
        }
        at = next++;
        const part = parts[at];
        if (part === undefined) worker.disconnect();
        else worker.send(part);
      });
    });
  };
  await Promise.all(Array.from({ length: Math.min(workers, parts.length) }, run));
  return merge(parts.map((_, at) => results.get(at)));
}

function partsOf({ first, seeds, workers, shrink, trace }: Simulation): readonly Part[] {
  const size = Math.max(1, Math.min(PART_SEEDS_MAX, Math.ceil(seeds / workers)));
  const count = Math.ceil(seeds / size);
  return Array.from({ length: count }, (_, at) => ({
    first: first + at * size,
    seeds: Math.min(size, seeds - at * size),
    shrink,
    trace,
  }));
}

/** One file starts faster than a hundred that are compiled on the way. */
async function bundle(): Promise<string> {
  mkdirSync(".cache/sim", { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
    outfile: BUNDLE,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
  return BUNDLE;
}

function merge(results: readonly (PartResult | undefined)[]): PartResult {
  const all = results.filter((one) => one !== undefined);
  const sum = (of: (one: PartResult) => number) => all.reduce((total, one) => total + of(one), 0);
  const faults: Record<string, number> = {};
  for (const one of all) {
    for (const [name, count] of Object.entries(one.faults)) {
      faults[name] = (faults[name] ?? 0) + count;
    }
  }
  return {
    seeds: sum((one) => one.seeds),
    events: sum((one) => one.events),
    steps: sum((one) => one.steps),
    checks: sum((one) => one.checks),
    faults,
    violations: all.flatMap((one) => one.violations),
    traces: all.flatMap((one) => one.traces),
  };
}
