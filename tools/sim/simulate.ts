import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { SizeName } from "../../test/support/sim/size.ts";
import { type Found, NOTHING, type Part, type PartResult, plus } from "./part.ts";

export interface Simulation {
  readonly first: number;
  readonly seeds: number;
  readonly size: SizeName | undefined;
  readonly workers: number;
  readonly shrink: boolean;
  readonly trace: boolean;
  readonly say: (text: string) => void;
}

/** Small enough that all processes end at about the same time, and that little is lost when one has to be ended. */
const PART_SEEDS_MAX = 100;
/** A thousand times as long as a part takes: whoever is still there goes round in circles. */
const PART_MS_MAX = 20 * 60_000;
const PROGRESS_MS = 15_000;
const BUNDLE = ".cache/sim/worker.mjs";
/** There is one process for each core, so that helpers of its engine only take it away from another; and no history is large. */
const ENGINE = ["--single-threaded", "--min-semi-space-size=64", "--max-semi-space-size=128"];

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly result: PartResult };

/** Spreads the seeds over processes; what comes out does not depend on how. An interrupt ends it with what is there. */
export async function simulate(simulation: Simulation): Promise<PartResult> {
  const { workers, say, seeds } = simulation;
  const script = await bundle();
  const parts = partsOf(simulation);
  const began = performance.now();
  const children = new Set<ChildProcess>();
  let total = NOTHING;
  let isOver = false;
  const keep = (result: PartResult): void => {
    total = plus(total, result);
    for (const one of result.violations) say(JSON.stringify(one));
  };
  const stop = (): void => {
    isOver = true;
    for (const child of children) child.kill("SIGKILL");
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const progress = setInterval(() => {
    const rate = Math.round((1000 * total.seeds) / (performance.now() - began));
    say(
      `${total.seeds} of ${seeds} seeds, ${total.violations.length} violations, ${rate} a second`,
    );
  }, PROGRESS_MS);
  const work = async (): Promise<void> => {
    while (!isOver) {
      const left = await inOneProcess(script, parts, children, keep).catch((error: unknown) => {
        if (!isOver) throw error;
      });
      if (left === undefined || isOver) return;
      keep(neverEnded(left));
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    clearInterval(progress);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
  return total;
}

/** Gives the part that the process did not survive, or nothing when there are no more. */
function inOneProcess(
  script: string,
  parts: Iterator<Part>,
  children: Set<ChildProcess>,
  keep: (result: PartResult) => void,
): Promise<Part | undefined> {
  const worker = fork(script, { execArgv: ENGINE });
  children.add(worker);
  return new Promise((resolve, reject) => {
    let part: Part | undefined;
    let late: NodeJS.Timeout | undefined;
    worker.on("error", reject);
    worker.on("exit", (code, signal) => {
      clearTimeout(late);
      children.delete(worker);
      // Whoever had no part has not done them all either: it could not even begin.
      if (part !== undefined || code === 0) resolve(part);
      else reject(new Error(`a process of the simulation ended with ${code ?? signal}`));
    });
    worker.on("message", (message: FromWorker) => {
      clearTimeout(late);
      if (message.kind === "done") keep(message.result);
      part = parts.next().value as Part | undefined;
      if (part === undefined) {
        worker.disconnect();
        return;
      }
      late = setTimeout(() => worker.kill("SIGKILL"), PART_MS_MAX);
      worker.send(part);
    });
  });
}

function neverEnded({ first, seeds }: Part): PartResult {
  const found: Found = {
    seed: first,
    size: undefined,
    invariant: "L33",
    steps: 0,
    message: `one of the seeds ${first} to ${first + seeds - 1} never ended, or ended its process`,
    faults: [],
    history: [],
  };
  return { ...NOTHING, seeds, violations: [found] };
}

function* partsOf({ first, seeds, workers, shrink, trace, size }: Simulation): Generator<Part> {
  const most = Math.max(1, Math.min(PART_SEEDS_MAX, Math.ceil(seeds / workers)));
  for (let done = 0; done < seeds; done += most) {
    yield { first: first + done, seeds: Math.min(most, seeds - done), size, shrink, trace };
  }
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
