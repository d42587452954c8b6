import type { Benchmark } from "./benchmark.ts";
import { startChild } from "./child.ts";
import { type EvaluateOutput, evaluateOutput } from "./evaluate-child.ts";
import { rounded, spread } from "./statistics.ts";

const CHANGED = 100;
const RUNS = 5;

interface Size {
  readonly directories: number;
  /** The loop over all directories takes half a minute and gigabytes at the largest size, so that has one run. */
  readonly naiveRuns: number;
}

const SIZES: readonly Size[] = [
  { directories: 1_000, naiveRuns: 5 },
  { directories: 10_000, naiveRuns: 5 },
  { directories: 100_000, naiveRuns: 1 },
];
const QUICK_SIZES = SIZES.slice(0, 1);

/** Which dirspaces 100 changed files touch, against asking every directory. */
export const evaluate: Benchmark = async ({ quick, say }) => {
  const sizes = [];
  for (const { directories, naiveRuns } of quick ? QUICK_SIZES : SIZES) {
    const ours = await child("evaluate-ours", directories, RUNS);
    const naive = await child("evaluate-naive", directories, quick ? 1 : naiveRuns);
    if (ours.digest !== naive.digest) {
      throw new Error(`${directories} directories: the two ways found different dirspaces`);
    }
    const cold = spread(ours.coldMs);
    const warm = spread(ours.warmMs);
    const naiveCold = spread(naive.coldMs);
    const naiveWarm = spread(naive.warmMs);
    const size = {
      directories,
      changedFiles: CHANGED,
      dirspacesFound: ours.found,
      sameResult: true,
      naiveOverOursCold: rounded(naiveCold.median / cold.median),
      naiveOverOursWarm: rounded(naiveWarm.median / warm.median),
      warmOverLookUpBound: rounded(warm.median / spread(ours.boundMs).median),
      coldCpuMs: cold,
      coldFirstInProcessCpuMs: rounded(ours.firstMs),
      warmCpuMs: warm,
      naiveColdCpuMs: naiveCold,
      naiveWarmCpuMs: naiveWarm,
      peakRssMb: { ours: ours.peakRssMb, naive: naive.peakRssMb, idle: ours.idleRssMb },
    };
    say(
      `evaluate ${directories}: cold ${cold.median} ms, warm ${warm.median} ms, ` +
        `naive ${naiveCold.median} / ${naiveWarm.median} ms`,
    );
    sizes.push(size);
  }
  return { sizes };
};

async function child(role: string, directories: number, runs: number): Promise<EvaluateOutput> {
  const started = startChild(role);
  try {
    return evaluateOutput.parse(await started.run({ directories, changed: CHANGED, runs }));
  } finally {
    started.stop();
  }
}
