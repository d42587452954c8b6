import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { WorkUnit } from "../../src/contract/work.ts";
import { type RunnerServer, startRunnerServer } from "../../test/support/runner-server.ts";
import type { Benchmark } from "./benchmark.ts";
import { lowerBound } from "./lower-bound.ts";
import {
  finished,
  type RunnerLab,
  runJob,
  shellLoop,
  startRunnerLab,
  toolEnv,
} from "./runner-lab.ts";
import { rounded, spread } from "./statistics.ts";

const WORKERS = 2;
const LAYERS = 4;
const MEMORY_UNITS = 50;
/** Of output for each of them, which is a plan of some hundred resources. */
const LINES = 2_000;
/** As long as lines of plans are. */
const LINE = '      + tag_%.0f                 = "a value of a usual length"';
const STARTS = 7;

/** The whole runner on real terraform, against the same commands in a loop and against what nothing can beat. */
export const runner: Benchmark = async ({ quick, say }) => {
  const lab = await startRunnerLab(quick ? 8 : 40);
  const server = await startRunnerServer();
  try {
    say(`runner: the bundle has ${lab.bundleBytes} bytes`);
    const runs = quick ? 1 : 3;
    const plans = await comparePlans(lab, server, runs, say);
    const inits = await compareInits(lab, server, runs, say);
    const memory = await ownMemory(lab, server, LINES);
    const memoryManyLines = await ownMemory(lab, server, 10 * LINES);
    say(`runner: ${memory.peakMb} MB of its own with ${MEMORY_UNITS} dirspaces`);
    const stream = await streaming(lab, server);
    const start = await startTime(lab);
    return {
      bundleKb: rounded(lab.bundleBytes / 1_000),
      start,
      memory,
      memoryManyLines,
      stream,
      plans,
      inits,
    };
  } finally {
    await server.close();
    await lab.close();
  }
};

type Say = (text: string) => void;

/** Directories without providers, with dependencies between them: what the runner itself and its scheduler cost. */
async function comparePlans(lab: RunnerLab, server: RunnerServer, runs: number, say: Say) {
  const units = layered(lab.plain);
  const loop: number[] = [];
  const ours: number[] = [];
  const bound: number[] = [];
  const processor = { loop: [] as number[], ours: [] as number[] };
  for (let run = 0; run < runs; run += 1) {
    const sequential = await shellLoop(lab, lab.plain, {});
    loop.push(sequential.milliseconds);
    bound.push(boundOf(units, sequential.each));
    const job = await runJob(lab, server, units, jobOptions(lab));
    ours.push(job.milliseconds);
    processor.loop.push(sequential.processorSeconds);
    processor.ours.push(job.processorSeconds);
    allDone(server, units.length);
    say(`runner: plans take ${seconds(loop)} s in a loop and ${seconds(ours)} s here`);
  }
  return {
    dirspaces: units.length,
    workers: WORKERS,
    loopOverOurs: ratio(loop, ours),
    oursOverLowerBound: ratio(ours, bound),
    secondsLoop: inSeconds(loop),
    secondsOurs: inSeconds(ours),
    processorSecondsLoop: spread(processor.loop),
    processorSecondsOurs: spread(processor.ours),
    processorOursOverLoop: ratio(processor.ours, processor.loop),
  };
}

/** One provider in every directory. Cold: nothing is cached; warm: the loop has terraform's plugin cache, filled. */
async function compareInits(lab: RunnerLab, server: RunnerServer, runs: number, say: Say) {
  const units = layered(lab.dirs).map((unit) => ({
    ...unit,
    after: [],
    steps: unit.steps.slice(0, 1),
  }));
  const loop = { cold: [] as number[], warm: [] as number[] };
  const ours = { cold: [] as number[], warm: [] as number[] };
  const archive = "/files/terraform-provider-thing_1.0.0_linux_amd64.zip";
  const processor = { loop: [] as number[], ours: [] as number[] };
  const fetched = { loop: 0, ours: 0, oursWarm: 0 };
  const counted = async (name: keyof typeof fetched, work: () => Promise<unknown>) => {
    const before = lab.registry.asked.get(archive) ?? 0;
    await work();
    fetched[name] = (lab.registry.asked.get(archive) ?? 0) - before;
  };
  const plugins = { TF_PLUGIN_CACHE_DIR: join(lab.folder, "plugins") };
  const job = async (times: number[]) => {
    const ran = await runJob(lab, server, units, jobOptions(lab));
    times.push(ran.milliseconds);
    allDone(server, units.length);
    return ran.processorSeconds;
  };
  for (let run = 0; run < runs; run += 1) {
    for (const name of ["plugins", "cache"]) {
      rmSync(join(lab.folder, name), { recursive: true, force: true });
      mkdirSync(join(lab.folder, name));
    }
    await counted("loop", async () => {
      loop.cold.push((await shellLoop(lab, lab.dirs, {})).milliseconds);
    });
    await counted("ours", () => job(ours.cold));
    await shellLoop(lab, lab.dirs.slice(0, 1), plugins);
    const warm = await shellLoop(lab, lab.dirs, plugins);
    loop.warm.push(warm.milliseconds);
    processor.loop.push(warm.processorSeconds);
    await counted("oursWarm", async () => processor.ours.push(await job(ours.warm)));
    say(
      `runner: inits take ${seconds(loop.cold)} s cold and ${seconds(loop.warm)} s warm in a loop, ` +
        `${seconds(ours.cold)} s and ${seconds(ours.warm)} s here`,
    );
  }
  return {
    dirspaces: units.length,
    archiveRequests: fetched,
    loopOverOursCold: ratio(loop.cold, ours.cold),
    loopOverOursWarm: ratio(loop.warm, ours.warm),
    processorOursOverLoopWarm: ratio(processor.ours, processor.loop),
    secondsLoopCold: inSeconds(loop.cold),
    secondsOursCold: inSeconds(ours.cold),
    secondsLoopWarm: inSeconds(loop.warm),
    secondsOursWarm: inSeconds(ours.warm),
  };
}

function jobOptions(lab: RunnerLab) {
  return { parallel: WORKERS, cacheDir: join(lab.folder, "cache") };
}

/** A fast failure would be a good time. */
function allDone(server: RunnerServer, count: number): void {
  const done = [...server.results.values()].filter(({ outcome }) => outcome === "planned").length;
  if (done !== count) throw new Error(`only ${done} of ${count} were done`);
}

function ratio(above: readonly number[], below: readonly number[]) {
  return spread(above.map((value, at) => value / (below[at] ?? Number.NaN)));
}

function inSeconds(milliseconds: readonly number[]) {
  return spread(milliseconds.map((value) => value / 1_000));
}

/** What two cores need at least for the same commands, as long as they took in the loop. */
function boundOf(units: readonly WorkUnit[], durations: readonly number[]): number {
  const index = new Map(units.map(({ dir }, at) => [dir, at]));
  const nodes = units.map(({ after }) => ({
    after: after.flatMap(({ dir }) => index.get(dir) ?? []),
  }));
  return lowerBound({ nodes, durations }, WORKERS);
}

/** Layers of equal width; each waits for two of the layer before. */
function layered(dirs: readonly string[]): readonly WorkUnit[] {
  const width = Math.ceil(dirs.length / LAYERS);
  return dirs.map((dir, at) => {
    const before = [at - width, at - width + 1].filter(
      (one) => one >= 0 && Math.floor(one / width) < Math.floor(at / width),
    );
    return {
      dir,
      workspace: "default",
      steps: [
        { type: "init", extraArgs: [], env: {} },
        { type: "plan", extraArgs: [], env: {}, mode: "strict" },
      ],
      engine: { name: "terraform", version: null, command: null, collectOutputs: true },
      createAndSelectWorkspace: true,
      after: before.map((one) => ({ dir: dirs[one] ?? "", workspace: "default" })),
      planDigest: null,
    };
  });
}

function scripted(workspace: string, script: string): WorkUnit {
  const commands = { init: null, diff: null, apply: null, unsafeApply: null, outputs: null };
  return {
    dir: "live/d00",
    workspace,
    steps: [{ type: "plan", extraArgs: [], env: {}, mode: "strict" }],
    engine: { name: "custom", ...commands, plan: ["sh", "-c", script] },
    createAndSelectWorkspace: true,
    after: [],
    planDigest: null,
  };
}

/** What the runner itself takes while many dirspaces talk a lot. */
async function ownMemory(lab: RunnerLab, server: RunnerServer, lines: number) {
  const units = Array.from({ length: MEMORY_UNITS }, (_, at) =>
    scripted(`w${at}`, `seq -f '${LINE}' 1 ${lines}; exit 2`),
  );
  const cacheDir = join(lab.folder, "cache");
  const { peakKb } = await runJob(lab, server, units, { parallel: 8, cacheDir, how: finished });
  const idle = await finished(process.execPath, ["-e", "setTimeout(() => {}, 300)"], {
    cwd: lab.folder,
    env: toolEnv(lab.cliConfig),
  });
  return {
    dirspaces: MEMORY_UNITS,
    linesEach: lines,
    peakMb: rounded(peakKb / 1_024),
    nodeAloneMb: rounded(idle.peakKb / 1_024),
  };
}

/** From when a line was printed to when the server has it. */
async function streaming(lab: RunnerLab, server: RunnerServer) {
  const script = "for i in 1 2 3 4 5 6 7 8 9 10; do date +at=%s%3N; sleep 0.37; done; exit 2";
  const seen = server.requests.length;
  await runJob(lab, server, [scripted("default", script)], {
    parallel: 1,
    cacheDir: join(lab.folder, "cache"),
  });
  const late = server.requests.slice(seen).flatMap(({ path, body, atMs }) => {
    if (!path.endsWith("/output")) return [];
    const printed = [...body.toString("utf8").matchAll(/at=(\d{13})/g)].map(([, at]) => Number(at));
    return printed.map((at) => performance.timeOrigin + atMs - at);
  });
  return { lines: late.length, arrivalMs: spread(late) };
}

async function startTime(lab: RunnerLab) {
  const options = { cwd: lab.folder, env: toolEnv(lab.cliConfig) };
  const ours: number[] = [];
  const nodes: number[] = [];
  for (let at = 0; at < STARTS; at += 1) {
    ours.push(
      (await finished(process.execPath, [lab.bundle, "--self-test"], options)).milliseconds,
    );
    nodes.push((await finished(process.execPath, ["-e", "0"], options)).milliseconds);
  }
  return { milliseconds: spread(ours), nodeAloneMilliseconds: spread(nodes) };
}

function seconds(milliseconds: readonly number[]): string {
  return ((milliseconds.at(-1) ?? 0) / 1_000).toFixed(1);
}
