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

/** A case of some file, and how it is found to hold. */
export type Holds = (repository: Repository) => boolean;

export type MutantVerdict =
  /** Some case fails without the rule. */
  | { readonly kind: "noticed" }
  | { readonly kind: "unnoticed" }
  /** The rule says what holds without it, or nothing can be read without it. */
  | { readonly kind: "no_rule" };

/** The rules of a configuration, one by one, for `judgeMutant`. */
export function mutants(config: string): readonly Mutant[] {
  const { raw } = parseConfig(config, "config.yml");
  return raw === undefined ? [] : [...mutantsOf(raw as Json)];
}

/** Whether any case notices that a rule is gone. `cases` hold for the configuration as it is. */
export function judgeMutant(
  repository: Repository,
  mutant: Mutant,
  cases: readonly Holds[],
): MutantVerdict {
  const config = JSON.stringify(mutant.config);
  const { raw } = parseConfig(config, "config.yml");
  const before = parseConfig(repository.config, "config.yml").raw;
  if (raw === undefined || before === undefined) return { kind: "no_rule" };
  const same = JSON.stringify(completeConfig(raw)) === JSON.stringify(completeConfig(before));
  if (same) return { kind: "no_rule" };
  const noticed = cases.some((holds) => !holds({ ...repository, config }));
  return { kind: noticed ? "noticed" : "unnoticed" };
}
