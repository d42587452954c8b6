import { readFileSync } from "node:fs";
import type { Change, ChangeSet } from "../../src/core/change/affected.ts";
import { changeSetOf, prepareRepository } from "../../src/core/change/change-set.ts";
import { findUnused } from "../../src/core/change/unused.ts";
import { type OurOutput, peakRssMb, readInput } from "./change-set-output.ts";
import { readConfig } from "./repository.ts";
import { timed } from "./statistics.ts";

const BRANCHES = { branch: "feature", destBranch: "main" };

/** The product's own evaluation, in a process of its own. */
function main(): OurOutput {
  const idleRssMb = peakRssMb();
  const input = readInput();
  // As a tree arrives: text of the VCS that is parsed.
  const files = JSON.parse(readFileSync(input.tree, "utf8")) as string[];
  const inputRssMb = peakRssMb();
  const changes = input.changed.map((path): Change => ({ kind: "modified", path }));
  const prepare = () => {
    const prepared = prepareRepository(readConfig(input.config), { files }, BRANCHES);
    if (prepared.kind === "error") throw new Error(JSON.stringify(prepared.diagnostics));
    return prepared;
  };
  const first = timed(() => {
    const prepared = prepare();
    return { prepared, set: changeSetOf(prepared, changes) };
  });
  const { prepared, set } = first.value;
  const times = (work: () => unknown) => Array.from({ length: input.runs }, () => timed(work).ms);
  const warmMs = times(() => changeSetOf(prepared, changes));
  const reached = peakRssMb();
  const coldMs = times(() => changeSetOf(prepare(), changes));
  const configMs = timed(() => readConfig(input.config)).ms;
  const findingsMs = timed(() => findUnused(prepared.derived)).ms;
  const byDir = new Map(prepared.derived.directories.names.map((dir, index) => [dir, index]));
  const boundMs = times(() => lookUpAll(byDir, input.changed));
  return {
    firstMs: first.ms,
    configMs,
    coldMs,
    warmMs,
    findingsMs,
    boundMs,
    found: found(set),
    idleRssMb,
    inputRssMb,
    peakRssMb: reached,
    lastRssMb: peakRssMb(),
  };
}

function found(set: ChangeSet): string[] {
  if (set.kind === "error") throw new Error(JSON.stringify(set.diagnostics));
  return set.dirspaces
    .map(({ dirspace, workflow }) => `${dirspace.dir} ${workflow.index ?? "none"}`)
    .sort();
}

function lookUpAll(byDir: ReadonlyMap<string, number>, paths: readonly string[]): number {
  let known = 0;
  for (const path of paths) {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      if (byDir.has(path.slice(0, end))) known += 1;
    }
  }
  return known;
}

process.stdout.write(JSON.stringify(main()));
