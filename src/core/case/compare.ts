import { type Expect, type Outcome, VERBS, type Verb, type Verdict } from "./case.ts";

/** One expectation that does not hold, in words. */
export interface Mismatch {
  /** Which key of `expect`. */
  readonly key: keyof Expect;
  readonly expected: string;
  readonly got: string;
}

/** What was expected and is not so; everything that was not said is left open. */
export function compare(expect: Expect, outcome: Outcome): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const note = (key: keyof Expect, expected: string, got: string): void => {
    if (expected !== got) found.push({ key, expected, got });
  };
  for (const key of ["affected", "autoplan", "drift", "invalid"] as const) {
    const list = expect[key];
    if (list !== undefined) note(key, setText(list), setText(outcome[key]));
  }
  if (expect.order !== undefined) note("order", wavesText(expect.order), wavesText(outcome.order));
  for (const verb of VERBS) {
    const [expected, got] = [expect[verb], outcome[verb]];
    if (expected !== undefined && got !== undefined) noteVerdict(verb, expected, got, note);
  }
  for (const key of ["workflow", "stack"] as const) {
    for (const [name, value] of Object.entries(expect[key] ?? {})) {
      note(key, `${name}: ${value}`, `${name}: ${outcome[key][name] ?? NOT_AFFECTED}`);
    }
  }
  for (const [name, tags] of Object.entries(expect.tags ?? {})) {
    const has = outcome.tags[name];
    const missing = tags.filter((tag) => has?.includes(tag) !== true);
    if (missing.length === 0) continue;
    note(
      "tags",
      `${name} with ${setText(tags)}`,
      `${name} ${has === undefined ? NOT_AFFECTED : `with ${setText(has)}`}`,
    );
  }
  return found;
}

const NOT_AFFECTED = "not affected";

/** A refusal is as expected when it has every expected code; it may have more. */
function noteVerdict(
  verb: Verb,
  expected: Verdict,
  got: Verdict,
  note: (key: keyof Expect, expected: string, got: string) => void,
): void {
  if (expected !== "allowed" && got !== "allowed") {
    if (expected.refused.every((code) => got.refused.includes(code))) return;
  }
  note(verb, verdictText(expected), verdictText(got));
}

function verdictText(verdict: Verdict): string {
  return verdict === "allowed" ? "allowed" : `refused: ${setText(verdict.refused)}`;
}

function setText(list: readonly string[]): string {
  return list.length === 0 ? "nothing" : [...new Set(list)].sort().join(", ");
}

function wavesText(waves: readonly (readonly string[])[]): string {
  return waves.length === 0 ? "nothing" : waves.map(setText).join(" → ");
}
