import { judgeMutant, mutants } from "../../core/case/run-cases.ts";
import { locateConfig } from "../../core/config/parse.ts";
import { formatPath } from "../../core/config/places.ts";
import type { Host } from "../host.ts";

/** What taking one rule at a time showed. */
export interface Mutation {
  readonly rules: number;
  readonly noticed: number;
  /** In the order of the file. */
  readonly unnoticed: readonly {
    readonly path: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  }[];
}

interface Configuration {
  readonly configPath: string;
  readonly configText: string;
}

/** How often somebody who waits hears that it goes on. */
const PROGRESS_EVERY = 50;

/** Drops one rule of the configuration at a time, and names those that no case notices. */
export function mutate(
  host: Host,
  { configPath, configText }: Configuration,
  cases: readonly ((config: string) => boolean)[],
): Mutation {
  const located = locateConfig(configText, configPath);
  const unnoticed: Mutation["unnoticed"][number][] = [];
  let rules = 0;
  const all = mutants(configText);
  for (const [index, mutant] of all.entries()) {
    if (index > 0 && index % PROGRESS_EVERY === 0) host.err(`${index} of ${all.length} rules`);
    const verdict = judgeMutant(configText, mutant, cases);
    if (verdict === "no_rule") continue;
    rules += 1;
    if (verdict === "noticed") continue;
    const place = located.kind === "parsed" ? located.locate(mutant.path).key : START;
    unnoticed.push({ path: formatPath(mutant.path), file: configPath, ...place });
  }
  return { rules, noticed: rules - unnoticed.length, unnoticed };
}

const START = { line: 1, column: 1 };
