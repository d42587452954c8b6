import { present } from "../../src/base/assert.ts";
import type { Benchmark } from "./benchmark.ts";
import { startChild } from "./child.ts";
import { type CodeIndexOutput, codeIndexOutput } from "./code-index-child.ts";
import { rounded, spread } from "./statistics.ts";

const DIRECTORIES = 2_500;

/** What the code of 10,000 files refers to, against parsing every file. */
export const codeIndex: Benchmark = async ({ quick, say }) => {
  const directories = quick ? DIRECTORIES / 10 : DIRECTORIES;
  const ours = await repeated("code-index-ours", directories, quick ? 1 : 3);
  const everything = await repeated("code-index-everything", directories, quick ? 1 : 3);
  if (ours.modules !== everything.modules || ours.reads !== everything.reads) {
    throw new Error("the two ways found different references");
  }
  const cold = spread(ours.coldMs);
  const warm = spread(ours.warmMs);
  const disk = spread(ours.diskMs);
  const all = spread(everything.coldMs);
  say(
    `code-index ${ours.files}: cold ${cold.median} ms, warm ${warm.median} ms, all ${all.median} ms`,
  );
  return {
    files: ours.files,
    modulesFound: ours.modules,
    filesRead: ours.reads,
    sameResult: true,
    parsed: { cold: ours.parsed, warm: ours.parsedWarm, everything: everything.parsed },
    shareParsed: rounded(ours.parsed / ours.files),
    everythingOverCold: rounded(all.median / cold.median),
    everythingOverWarm: rounded(all.median / warm.median),
    coldFilesPerCpuSecond: Math.round((ours.files / cold.median) * 1_000),
    warmFilesPerCpuSecond: Math.round((ours.files / warm.median) * 1_000),
    coldCpuMs: cold,
    warmCpuMs: warm,
    warmFromDiskCpuMs: disk,
    everythingCpuMs: all,
    peakRssMb: { ours: ours.peakRssMb, everything: everything.peakRssMb, idle: ours.idleRssMb },
  };
};

/** Each run makes its repository anew, so that no run can take longer than a child may. */
async function repeated(role: string, directories: number, runs: number): Promise<CodeIndexOutput> {
  const started = startChild(role);
  try {
    const outputs: CodeIndexOutput[] = [];
    for (let run = 0; run < runs; run += 1) {
      outputs.push(codeIndexOutput.parse(await started.run({ directories })));
    }
    const last = present(outputs.at(-1), "bench: no run");
    return {
      ...last,
      coldMs: outputs.flatMap((one) => one.coldMs),
      warmMs: outputs.flatMap((one) => one.warmMs),
      diskMs: outputs.flatMap((one) => one.diskMs),
      idleRssMb: outputs[0]?.idleRssMb ?? last.idleRssMb,
    };
  } finally {
    started.stop();
  }
}
