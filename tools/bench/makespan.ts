import { prng } from "../../src/base/prng.ts";
import { remainingPaths } from "../../src/base/remaining-path.ts";
import { Schedule } from "../../src/runner/schedule.ts";
import type { Benchmark } from "./benchmark.ts";
import { type Job, makeJob, type Shape } from "./graphs.ts";
import { lowerBound } from "./lower-bound.ts";
import { rounded, spread } from "./statistics.ts";

const SHAPES: readonly Shape[] = ["chains", "fan_out_fan_in", "layered", "random"];
const WORKERS = [4, 16];
const SEEDS = 30;

/** Past durations are off by up to this share, as those of real plans are. */
const NOISE = 0.3;

/** How much longer than necessary a run takes, with the runner's own scheduler and with barriers. */
export const makespan: Benchmark = ({ say }) => {
  const results = WORKERS.flatMap((workers) =>
    SHAPES.map((shape) => {
      const jobs = Array.from({ length: SEEDS }, (_, seed) => makeJob(shape, seed + 1));
      const bounds = jobs.map((job) => lowerBound(job, workers));
      const against = (lengths: readonly number[]) =>
        spread(lengths.map((length, index) => length / (bounds[index] ?? Number.NaN)));
      const ours = jobs.map((job) => scheduled(job, workers, job.durations));
      const noisy = jobs.map((job, seed) => scheduled(job, workers, remembered(job, seed + 1)));
      const counted = jobs.map((job) => scheduled(job, workers, undefined));
      const barrier = jobs.map((job) => layered(job, workers));
      const saved = ours.map((length, index) => (barrier[index] ?? Number.NaN) / length);
      const result = {
        shape,
        workers,
        dirspaces: jobs[0]?.nodes.length,
        overLowerBound: against(ours),
        overPathOrWork: spread(
          ours.map((length, index) => length / pathOrWork(jobs[index] as Job, workers)),
        ),
        pastOffBy30PercentOverLowerBound: against(noisy),
        nothingKnownOverLowerBound: against(counted),
        barrierOverLowerBound: against(barrier),
        barrierOverOurs: spread(saved),
      };
      say(
        `makespan ${shape} × ${workers}: ${result.overLowerBound.median} of the bound, ` +
          `layers ${result.barrierOverLowerBound.median}`,
      );
      return result;
    }),
  );
  const worst = Math.max(...results.map((result) => result.overLowerBound.max));
  const median = Math.max(...results.map((result) => result.overLowerBound.median));
  return Promise.resolve({
    seeds: SEEDS,
    worstMedianOverLowerBound: rounded(median),
    worstOverLowerBound: rounded(worst),
    results,
  });
};

/** The plain bound, which does not see that what fans in makes everything wait. */
function pathOrWork({ nodes, durations }: Job, workers: number): number {
  const weighted = nodes.map(({ after }, index) => ({ after, weight: durations[index] ?? 0 }));
  const work = durations.reduce((sum, each) => sum + each, 0);
  return Math.max(work / workers, ...remainingPaths(weighted));
}

function remembered({ durations }: Job, seed: number): readonly number[] {
  const random = prng(1_000 + seed);
  return durations.map((each) => each * (1 + NOISE * (random.below(2_001) / 1_000 - 1)));
}

/** The runner's scheduler, driven by a clock that jumps to the next end; `past` is what it is told of durations. */
function scheduled(
  { nodes, durations }: Job,
  workers: number,
  past: readonly number[] | undefined,
): number {
  const known = nodes.map(({ after }, index) =>
    past === undefined ? { after } : { after, weight: past[index] ?? 0 },
  );
  const schedule = new Schedule(known, workers);
  const running = new Map<number, number>();
  let now = 0;
  while (!schedule.settled) {
    for (const node of schedule.next().start) running.set(node, now + (durations[node] ?? 0));
    now = Math.min(...running.values());
    for (const [node, end] of running) {
      if (end > now) continue;
      running.delete(node);
      schedule.end(node, "passed");
    }
  }
  return now;
}

/** The usual way: a wave begins when the wave before has ended; inside a wave, first come first served. */
function layered({ nodes, durations }: Job, workers: number): number {
  const waves: number[] = [];
  for (const [index, node] of nodes.entries()) {
    waves[index] = Math.max(0, ...node.after.map((before) => (waves[before] ?? 0) + 1));
  }
  let total = 0;
  for (let wave = 0; wave <= Math.max(...waves); wave += 1) {
    const free = Array.from({ length: workers }, () => 0);
    for (const [index, duration] of durations.entries()) {
      if (waves[index] !== wave) continue;
      const worker = free.indexOf(Math.min(...free));
      free[worker] = (free[worker] ?? 0) + duration;
    }
    total += Math.max(...free);
  }
  return total;
}
