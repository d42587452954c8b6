import type { Benchmark } from "./benchmark.ts";
import { DispatchWorld, type Sample } from "./dispatch-world.ts";
import { exactly, percentile, spread } from "./statistics.ts";

const DIRECTORIES = 500;
const WARM_UP = 5;
const QUICK_WARM_UP = 2;
const SIZES = [
  { dirspaces: 1, samples: 100 },
  { dirspaces: 10, samples: 100 },
  { dirspaces: 100, samples: 50 },
];
const QUICK_SAMPLES = 5;

/** From a delivery to the call that starts the CI job: the product's own time and what it asks of others. */
export const dispatch: Benchmark = async ({ quick, say, server }) => {
  const running = await server();
  await running.create("dispatch");
  const world = new DispatchWorld(running.open("dispatch"), running.open("dispatch"), DIRECTORIES);
  const sizes = [];
  for (const { dirspaces, samples: count } of SIZES) {
    const samples: Sample[] = [];
    const wanted = quick ? QUICK_SAMPLES : count;
    const warmUp = quick ? QUICK_WARM_UP : WARM_UP;
    for (let index = 0; index < warmUp + wanted; index += 1) {
      const sample = await world.sample(dirspaces);
      if (index >= warmUp) samples.push(sample);
    }
    const size = { dirspaces, ...summary(samples) };
    say(
      `dispatch of ${dirspaces}: ${String(size.roundTrips)} round trips, ` +
        `own p50 ${size.ownMs.p50} ms, ${size.ownOverChain.median} × an empty chain`,
    );
    sizes.push(size);
  }
  return { directoriesOfRepository: DIRECTORIES, sizes };
};

function summary(samples: readonly Sample[]) {
  const own = samples.map((sample) => sample.ownMs);
  const last = samples.at(-1);
  return {
    transactions: exactly(samples.map(({ database }) => database.transactions)),
    singleStatements: exactly(samples.map(({ database }) => database.single)),
    roundTrips: exactly(samples.map(({ database }) => database.roundTrips)),
    vcsReads: Object.fromEntries(last?.vcsReads ?? []),
    vcsWritesAfterwards: Object.fromEntries(last?.vcsWrites ?? []),
    ownOverChain: spread(samples.map(({ ownMs, chainMs }) => ownMs / chainMs)),
    ownMs: { p50: percentile(own, 50), p99: percentile(own, 99), ...spread(own) },
    databaseWaitMs: spread(samples.map(({ database }) => database.waitMs)),
    chainMs: spread(samples.map(({ chainMs }) => chainMs)),
    walBytes: spread(samples.map(({ walBytes }) => walBytes)),
    statements: Object.fromEntries(
      [...(last?.database.byStatement ?? [])].toSorted(([, a], [, b]) => b - a).slice(0, 12),
    ),
  };
}
