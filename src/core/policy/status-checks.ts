import type { DirspaceKey } from "../change/dirspace.ts";
import type { StatusChecks } from "../config/config.ts";
import { parsePattern, patternFinds } from "../config/pattern.ts";
import { type Facts, factOf, refusalOf } from "../fact.ts";
import type { CommitSha } from "../ids.ts";
import type { CommitCheck } from "../pull-request.ts";
import { isOwnCheckName } from "../showing.ts";
import type { Judged } from "./judged.ts";

/** Every check of the commit has passed, besides ours and those that are named as not counting. */
export function judgeChecks(
  rule: StatusChecks,
  commit: CommitSha,
  key: DirspaceKey,
  facts: Facts,
): Judged {
  if (!rule.enabled) return { questions: [], refusals: [] };
  const question = { kind: "checks", commit } as const;
  const known = factOf(facts, question);
  if (known === undefined) {
    const message = refusalOf(facts, question);
    if (message === undefined) return { questions: [question], refusals: [] };
    return { questions: [], refusals: [{ code: "lookup_refused", what: "checks", message }] };
  }
  const isIgnored = ignoring(rule.ignoreMatching);
  const relevant = known.checks.filter(({ name }) => !isIgnored(name) && !isOwnCheckName(name));
  const failed = namesOf(relevant, "failed");
  const pending = namesOf(relevant, "pending");
  if (failed.length === 0 && pending.length === 0) return { questions: [], refusals: [] };
  const reason = { code: "checks_not_passed", dirspaces: [key], failed, pending } as const;
  return { questions: [], refusals: [reason] };
}

function namesOf(checks: readonly CommitCheck[], state: CommitCheck["state"]): readonly string[] {
  return [
    ...new Set(checks.filter((one) => one.state === state).map((one) => one.name)),
  ].toSorted();
}

/** A title as it is, or a pattern that is found in it; what is no pattern is only a title. */
function ignoring(entries: readonly string[]): (title: string) => boolean {
  const titles = new Set(entries);
  const patterns = entries.flatMap((entry) => {
    const parsed = parsePattern(entry);
    return parsed.kind === "ok" ? [parsed.pattern] : [];
  });
  return (title) => titles.has(title) || patterns.some((pattern) => patternFinds(pattern, title));
}
