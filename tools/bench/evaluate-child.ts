import { createHash } from "node:crypto";
import picomatch from "picomatch";
import * as z from "zod";
import type { Change, ChangeSet } from "../../src/core/change/affected.ts";
import { changeSetOf, prepareRepository } from "../../src/core/change/change-set.ts";
import { changedFiles, makeRepository, type Repository, readConfig } from "./repository.ts";
import { timed } from "./statistics.ts";

const inputSchema = z.object({
  directories: z.number(),
  changed: z.number(),
  runs: z.number(),
});

export const evaluateOutput = z.object({
  /** In a process that never did it before. */
  firstMs: z.number(),
  coldMs: z.array(z.number()),
  warmMs: z.array(z.number()),
  /** Looking every directory above every changed file up in a map, and nothing else. */
  boundMs: z.array(z.number()),
  found: z.number(),
  digest: z.string(),
  /** Peak of the process, and what it had before anything was made. */
  peakRssMb: z.number(),
  idleRssMb: z.number(),
});

export type EvaluateOutput = z.infer<typeof evaluateOutput>;

const BRANCHES = { branch: "feature", destBranch: "main" };

/** The product's own evaluation, in a process of its own. */
export async function evaluateOurs(input: unknown): Promise<EvaluateOutput> {
  const { directories, changed, runs } = inputSchema.parse(input);
  const idleRssMb = peakRssMb();
  const repository = makeRepository(directories);
  const changes = changedFiles(repository, changed).map(
    (path): Change => ({ kind: "modified", path }),
  );
  const cold = (): ChangeSet => {
    const config = readConfig(repository.config);
    const prepared = prepareRepository(config, { files: repository.files }, BRANCHES);
    return prepared.kind === "error" ? prepared : changeSetOf(prepared, changes);
  };
  const first = timed(cold);
  const coldMs = Array.from({ length: runs }, () => timed(cold).ms);
  const config = readConfig(repository.config);
  const prepared = prepareRepository(config, { files: repository.files }, BRANCHES);
  if (prepared.kind === "error") throw new Error("the repository has no order");
  const warmMs = Array.from({ length: runs }, () => timed(() => changeSetOf(prepared, changes)).ms);
  const byDir = new Map(repository.dirs.map((dir, index) => [dir, index]));
  const boundMs = Array.from({ length: runs }, () => timed(() => lookUpAll(byDir, changes)).ms);
  if (first.value.kind === "error") throw new Error("the repository has no order");
  const dirs = first.value.dirspaces.map((one): string => one.dirspace.dir);
  return output({ firstMs: first.ms, coldMs, warmMs, boundMs, idleRssMb }, dirs);
}

function lookUpAll(byDir: ReadonlyMap<string, number>, changes: readonly Change[]): number {
  let found = 0;
  for (const change of changes) {
    if (change.kind === "renamed") continue;
    const { path } = change;
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      if (byDir.has(path.slice(0, end))) found += 1;
    }
  }
  return found;
}

/** What one would write first: for every directory, its patterns against every changed file. */
export async function evaluateNaive(input: unknown): Promise<EvaluateOutput> {
  const { directories, changed, runs } = inputSchema.parse(input);
  const idleRssMb = peakRssMb();
  const repository = makeRepository(directories);
  const files = changedFiles(repository, changed);
  const rounds = Array.from({ length: runs }, () => {
    const compiled = timed(() => compileAll(repository));
    const matched = timed(() => matching(compiled.value, files));
    return { coldMs: compiled.ms + matched.ms, warmMs: matched.ms, dirs: matched.value };
  });
  const coldMs = rounds.map((round) => round.coldMs);
  const warmMs = rounds.map((round) => round.warmMs);
  const firstMs = coldMs[0] ?? Number.NaN;
  return output({ firstMs, coldMs, warmMs, boundMs: [], idleRssMb }, rounds[0]?.dirs ?? []);
}

type Matchers = readonly (readonly [dir: string, matches: readonly picomatch.Matcher[]])[];

function compileAll({ dirs }: Repository): Matchers {
  const watches = picomatch("live/*/*/team-07/**");
  return dirs.map((dir) => {
    const patterns = [`${dir}/*.tf`, `${dir}/*.tfvars`];
    if (watches(dir)) patterns.push("modules/network/*.tf");
    return [dir, patterns.map((pattern) => picomatch(pattern))];
  });
}

function matching(matchers: Matchers, files: readonly string[]): string[] {
  return matchers
    .filter(([, patterns]) => files.some((file) => patterns.some((matches) => matches(file))))
    .map(([dir]) => dir);
}

function output(
  times: Omit<EvaluateOutput, "found" | "digest" | "peakRssMb">,
  dirs: readonly string[],
): EvaluateOutput {
  const digest = createHash("sha256").update(dirs.toSorted().join("\n")).digest("hex");
  return { ...times, found: dirs.length, digest, peakRssMb: peakRssMb() };
}

/** The operating system's own account of this process. */
function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
