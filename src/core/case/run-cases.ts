import { completeConfig } from "../config/complete.ts";
import type { Json } from "../config/json.ts";
import { parseConfig } from "../config/parse.ts";
import { type Case, type CaseFile, type Outcome, VERBS } from "./case.ts";
import { compare, type Mismatch } from "./compare.ts";
import { judge } from "./judge.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import type { Repository } from "./world.ts";

/** Runs one case: what is not as expected. */
export function runCase(
  repository: Repository,
  file: CaseFile,
  { given, expect }: Case,
): readonly Mismatch[] {
  const verbs = VERBS.filter((verb) => expect[verb] !== undefined);
  return compare(expect, judge(repository, file, given, verbs));
}

/** Everything that can be said about a case, for a snapshot. */
export function wholeOutcome(repository: Repository, file: CaseFile, { given }: Case): Outcome {
  return judge(repository, file, given, VERBS);
}

/** `no_rule`: it says what holds without it, or nothing can be read without it. */
export type MutantVerdict = "noticed" | "unnoticed" | "no_rule";

/** The rules of a configuration, one by one, for `judgeMutant`. */
export function mutants(config: string): readonly Mutant[] {
  const { raw } = parseConfig(config, FILE);
  return raw === undefined ? [] : [...mutantsOf(raw as Json)];
}

/** Whether any case notices that a rule is gone. The cases hold for the configuration as it is. */
export function judgeMutant(
  config: string,
  mutant: Mutant,
  cases: readonly ((config: string) => boolean)[],
): MutantVerdict {
  const changed = JSON.stringify(mutant.config);
  const { raw } = parseConfig(changed, FILE);
  const before = parseConfig(config, FILE).raw;
  if (raw === undefined || before === undefined) return "no_rule";
  const same = JSON.stringify(completeConfig(raw)) === JSON.stringify(completeConfig(before));
  if (same) return "no_rule";
  return cases.some((holds) => !holds(changed)) ? "noticed" : "unnoticed";
}

const FILE = "config.yml";
