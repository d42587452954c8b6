import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { bundledChild } from "./bundled-child.ts";
import { childOutput, type NaiveOutput, type OurOutput } from "./change-set-output.ts";
import { changedFiles, makeRepository, PATTERNS, QUERIES, type Repository } from "./repository.ts";
import { rounded, type Spread, spread } from "./statistics.ts";

const RUNS = 5;
const CHANGED = [1, 100, 3_000] as const;

interface Size {
  readonly directories: number;
  /** The loop looks at one directory of this many, for each of the numbers of changed files. */
  readonly sample: readonly [number, number, number];
}

/** Over all of 100,000 directories the loop would take minutes; it is the same work for each of them. */
const SIZES: readonly Size[] = [
  { directories: 1_000, sample: [1, 1, 1] },
  { directories: 10_000, sample: [1, 1, 10] },
  { directories: 100_000, sample: [10, 20, 200] },
];

/** Which dirspaces changed files touch under a thousand patterns and a thousand queries, against asking every directory. */
export const changeSet: Benchmark = async ({ quick, say }) => {
  const ours = bundledChild("tools/bench/change-set-ours.ts");
  const naive = bundledChild("tools/bench/change-set-naive.ts");
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const results: object[] = [];
  try {
    for (const size of quick ? SIZES.slice(0, 1) : SIZES) {
      const repository = makeRepository(size.directories);
      const tree = join(folder, "tree.json");
      writeFileSync(tree, JSON.stringify(repository.files));
      for (const [at, count] of CHANGED.entries()) {
        const sample = size.sample[at] ?? 1;
        const input = {
          tree,
          config: repository.config,
          changed: changedFiles(repository, count),
          dirs: repository.dirs.filter((_, index) => index % sample === 0),
          runs: quick ? 1 : RUNS,
        };
        const own = childOutput.ours.parse(ours(input));
        const loop = childOutput.naive.parse(naive({ ...input, runs: 1 }));
        compare(repository, input.dirs, own, loop);
        const result = figures(size.directories, count, sample, own, loop);
        say(`change-set ${size.directories} × ${count}: ${summary(result)}`);
        results.push(result);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { patterns: PATTERNS, queries: QUERIES, sizes: results };
};

/** Of the directories that the loop looked at, both must have found the same, with the same workflow. */
function compare(
  { dirs }: Repository,
  looked: readonly string[],
  own: OurOutput,
  loop: NaiveOutput,
): void {
  const sampled = new Set(looked);
  const expected = own.found.filter((line) => sampled.has(line.slice(0, line.indexOf(" "))));
  if (expected.join("\n") === loop.found.join("\n")) return;
  throw new Error(`${dirs.length} directories: the two ways found different dirspaces`);
}

interface Figures {
  readonly cold: Spread;
  readonly warm: Spread;
  readonly naiveOverOursCold: number;
  readonly naiveOverOursWarm: number;
  readonly peakRssMb: Readonly<Record<string, number>> & { readonly ours: number };
}

function figures(
  directories: number,
  changedCount: number,
  sample: number,
  own: OurOutput,
  loop: NaiveOutput,
) {
  const cold = spread(own.coldMs);
  const warm = spread(own.warmMs);
  const naiveWarm = loop.matchMs * sample;
  const naiveCold = (loop.compileMs + loop.matchMs) * sample;
  return {
    directories,
    changedFiles: changedCount,
    dirspacesFound: own.found.length,
    sameResult: true,
    naiveOverOursCold: rounded(naiveCold / cold.median),
    naiveOverOursWarm: rounded(naiveWarm / warm.median),
    warmOverLookUpBound: rounded(warm.median / spread(own.boundMs).median),
    cold,
    warm,
    coldFirstInProcessMs: rounded(own.firstMs),
    configurationMs: rounded(own.configMs),
    findingsMs: rounded(own.findingsMs),
    naiveLookedAtOneOf: sample,
    naiveColdMs: rounded(naiveCold),
    naiveWarmMs: rounded(naiveWarm),
    peakRssMb: {
      idle: own.idleRssMb,
      withInput: own.inputRssMb,
      ours: own.peakRssMb,
      afterColdRuns: own.lastRssMb,
      ...(sample === 1 ? { naive: loop.peakRssMb } : {}),
    },
  };
}

function summary({ cold, warm, naiveOverOursCold, naiveOverOursWarm, peakRssMb }: Figures): string {
  return (
    `cold ${cold.median} ms (loop × ${naiveOverOursCold}), warm ${warm.median} ms ` +
    `(loop × ${naiveOverOursWarm}), peak ${peakRssMb.ours} MB`
  );
}
