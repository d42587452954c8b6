import { present } from "../../src/base/assert.ts";
import { type Node, Schedule } from "../../src/runner/schedule.ts";
import type { Benchmark } from "./benchmark.ts";
import { type Job, makeJob, type Shape } from "./graphs.ts";
import { rounded, spread } from "./statistics.ts";

const SHAPES: readonly Shape[] = ["chains", "fan_out_fan_in", "layered", "random"];
const WORKERS = [4, 16];
const SEEDS = 30;

/** How much longer than necessary a run takes, with the runner's own scheduler and with barriers. */
export const makespan: Benchmark = ({ say }) => {
  const results = WORKERS.flatMap((workers) =>
    SHAPES.map((shape) => {
      const jobs = Array.from({ length: SEEDS }, (_, seed) => makeJob(shape, seed + 1));
      const bounds = jobs.map((job) => lowerBound(job, workers));
      const against = (lengths: readonly number[]) =>
        spread(lengths.map((length, index) => length / (bounds[index] ?? Number.NaN)));
      const ours = jobs.map((job) => scheduled(job, workers));
      const barrier = jobs.map((job) => layered(job, workers));
      const saved = ours.map((length, index) => (barrier[index] ?? Number.NaN) / length);
      const result = {
        shape,
        workers,
        dirspaces: jobs[0]?.nodes.length,
        overLowerBound: against(ours),
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
  return Promise.resolve({ seeds: SEEDS, worstOverLowerBound: rounded(worst), results });
};

/** No scheduler can be faster than the longest chain, nor than all work spread evenly. */
function lowerBound({ nodes, durations }: Job, workers: number): number {
  const work = durations.reduce((sum, each) => sum + each, 0);
  const ends: number[] = [];
  for (const [index, node] of nodes.entries()) {
    ends[index] = after(node, ends) + (durations[index] ?? 0);
  }
  return Math.max(work / workers, ...ends);
}

/** Nodes come after what they wait for. */
function after(node: Node, ends: readonly number[]): number {
  return Math.max(0, ...node.after.map((before) => present(ends[before], "an earlier node")));
}

/** The runner's scheduler, driven by a clock that jumps to the next end. */
function scheduled({ nodes, durations }: Job, workers: number): number {
  const schedule = new Schedule(nodes, workers);
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
