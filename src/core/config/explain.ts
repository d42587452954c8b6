import type { z } from "zod";
import { echo } from "../../base/echo.ts";
import { nearest } from "../../base/nearest.ts";
import type { DiagnosticCode } from "./diagnostic.ts";
import type { Finding } from "./finding.ts";
import type { Json } from "./json.ts";
import { type MissingBlank, missingBlank, missingBlankAfterDash } from "./missing-blank.ts";
import { formatPath, type Path, type Places, valueAt } from "./places.ts";
import type { KnownKeys } from "./schema/helpers.ts";
import { describeType, isHuge, mustBe, typeSuggestion } from "./type-words.ts";

type Issue = z.core.$ZodIssue;

/** Of one mapping; the file is refused anyway, and each needs a comparison with every known key. */
const KEYS_MAX = 100;

interface Context {
  readonly root: Json;
  readonly places: Places;
  readonly findings: Finding[];
  /** Mappings with keys of another kind of mapping: what they lack says nothing then. */
  readonly misplacedIn: Set<string>;
}

/** Says in words what the schema refused, and what was probably meant. */
export function explainIssues(
  issues: readonly Issue[],
  root: Json,
  places: Places,
): readonly Finding[] {
  const context: Context = { root, places, findings: [], misplacedIn: new Set() };
  for (const issue of issues) explain(context, issue, []);
  return withoutEchoes(context);
}

function explain(context: Context, issue: Issue, prefix: Path): void {
  const path = [...prefix, ...issue.path.map(pathKey)];
  switch (issue.code) {
    case "unrecognized_keys":
      for (const key of issue.keys.slice(0, KEYS_MAX))
        unknownKey(context, path, key, knownKeys(issue));
      return;
    case "invalid_union":
      explainUnion(context, issue, path);
      return;
    case "invalid_key":
      for (const inner of issue.issues) customProblem(context, inner, path, { atKey: true });
      return;
    case "invalid_type":
      wrongType(context, [issue.expected], path);
      return;
    case "invalid_value":
      wrongValue(context, issue.values.map(String), path);
      return;
    case "too_small":
      add(context, "wrong_value", path, tooSmall(issue, path));
      return;
    case "too_big":
      add(context, "wrong_value", path, tooBig(issue, path));
      return;
    default:
      customProblem(context, issue, path, { atKey: false });
  }
}

function explainUnion(context: Context, issue: z.core.$ZodIssueInvalidUnion, path: Path): void {
  if (issue.discriminator !== undefined) {
    const options = (issue as { readonly options?: readonly unknown[] }).options ?? [];
    const named = options.filter((option) => typeof option === "string");
    wrongValue(context, named, path);
    return;
  }
  const isAboutWhole = wholeOf(valueAt(context.root, path));
  // The branch that has the right type is the one that was meant.
  const meant = issue.errors.filter((errors) => !errors.some(isAboutWhole));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) {
    for (const inner of only) explain(context, inner, path);
    return;
  }
  const expected = issue.errors.flatMap((errors) =>
    errors.flatMap((inner) => (isAboutWhole(inner) ? [expectedOf(inner)] : [])),
  );
  wrongType(context, expected, path);
}

/** Tells issues that the value has another type altogether from those that it is nearly right. */
function wholeOf(value: Json | undefined): (issue: Issue) => boolean {
  return (issue) => {
    if (issue.path.length > 0) return false;
    if (issue.code === "invalid_value") {
      return !issue.values.some((allowed) => typeof allowed === typeof value);
    }
    return issue.code === "invalid_type";
  };
}

function expectedOf(issue: Issue): string {
  if (issue.code === "invalid_type") return issue.expected;
  return issue.code === "invalid_value"
    ? issue.values.map((value) => `\`${String(value)}\``).join(", ")
    : "";
}

function knownKeys(issue: z.core.$ZodIssueUnrecognizedKeys): KnownKeys {
  return JSON.parse(issue.message) as KnownKeys;
}

function unknownKey(context: Context, path: Path, key: string, keys: KnownKeys): void {
  const hint = Object.hasOwn(keys.elsewhere, key) ? keys.elsewhere[key] : undefined;
  if (hint !== undefined) context.misplacedIn.add(formatPath(path));
  const synonym = Object.hasOwn(keys.synonyms, key) ? keys.synonyms[key] : undefined;
  const suggestion = hint === undefined ? (synonym ?? nearest(key, keys.known)) : undefined;
  const where = path.length === 0 ? "at the top level" : `in \`${nameOfPath(path)}\``;
  const rest =
    hint ??
    oneLevelDeeper(context, path, key, suggestion) ??
    (suggestion === undefined
      ? `the keys are ${quoted(keys.known)}`
      : `did you mean \`${suggestion}\`?`);
  context.findings.push({
    severity: "error",
    code: "unknown_key",
    message: `\`${echo(key)}\` is no key ${where}; ${rest}`,
    path: [...path, key],
    atKey: true,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** Where the entries with names of the user stand one level deeper than people write them. */
const ENTRIES_UNDER: Readonly<Record<string, string>> = { stacks: "names" };

function oneLevelDeeper(
  context: Context,
  path: Path,
  key: string,
  suggestion: string | undefined,
): string | undefined {
  const under = path.length === 1 ? ENTRIES_UNDER[String(path[0])] : undefined;
  const value = valueAt(context.root, [...path, key]);
  if (under === undefined || suggestion !== undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  return `it belongs under \`${under}\`: write \`${path[0]}: {${under}: {${echo(key)}: …}}\``;
}

function wrongType(context: Context, expected: readonly string[], path: Path): void {
  const value = valueAt(context.root, path);
  if (value === undefined) {
    missingKey(context, path);
    return;
  }
  const place = context.places.find(context.root, path);
  const whole = typeSuggestion(expected, value, place, path);
  const lacks = whatItLacks(expected, value, whole);
  const suggestion = lacks?.suggestion ?? whole;
  const got = isHuge(expected, value) ? "a number that is too large" : describeType(value);
  const hint = lacks === undefined ? "" : `: ${lacks.message}`;
  const message = `${nameOf(path)} must be ${mustBe(expected)}, not ${got}${hint}`;
  add(context, "wrong_type", path, message, suggestion);
}

/** Text that was meant as an entry, and for which a blank or a colon is missing. */
function whatItLacks(
  expected: readonly string[],
  value: Json,
  whole: string | undefined,
): MissingBlank | undefined {
  if (typeof value !== "string") return undefined;
  const isMapping = expected.includes("object") || expected.includes("record");
  if (isMapping && !expected.includes("string")) {
    // A step or an engine that is written as text is no entry.
    return whole === undefined ? missingBlank(value) : undefined;
  }
  return expected.includes("array") ? missingBlankAfterDash(value) : undefined;
}

function missingKey(context: Context, path: Path, options: readonly string[] = []): void {
  const parent = path.slice(0, -1);
  const where = parent.length === 0 ? "" : ` in \`${nameOfPath(parent)}\``;
  const choice = options.length === 0 ? "" : `: one of ${quoted(options)}`;
  add(context, "missing_key", path, `\`${path.at(-1)}\` is missing${where}${choice}`);
}

/** A longer list of options hides the one that was meant. */
const OPTIONS_LISTED_MAX = 12;

function wrongValue(context: Context, options: readonly string[], path: Path): void {
  const value = valueAt(context.root, path);
  if (value === undefined) {
    missingKey(context, path, options);
    return;
  }
  const [only] = options;
  const word = typeof value === "string" ? value : JSON.stringify(value);
  // `version: 1` is a number; only the text is accepted.
  const near = only === word ? `"${only}"` : nearest(word, options);
  const got = typeof value === "string" ? `\`${echo(value)}\`` : describeType(value);
  const message =
    near !== undefined && options.length > OPTIONS_LISTED_MAX
      ? `${nameOf(path)} cannot be ${got}; did you mean \`${near}\`?`
      : `${nameOf(path)} must be ${options.length === 1 ? `\`"${only}"\`` : `one of ${quoted(options)}`}, not ${got}`;
  add(context, "wrong_value", path, message, near);
}

function tooBig(issue: z.core.$ZodIssueTooBig, path: Path): string {
  // The limit of the machine and not of the language.
  return Number(issue.maximum) >= Number.MAX_SAFE_INTEGER
    ? `${nameOf(path)} is a number that is too large`
    : `${nameOf(path)} must be at most ${issue.maximum}`;
}

function tooSmall(issue: z.core.$ZodIssueTooSmall, path: Path): string {
  const name = nameOf(path);
  if (issue.origin === "array" || issue.origin === "string") return `${name} cannot be empty`;
  return `${name} must be at least ${issue.minimum}`;
}

function customProblem(
  context: Context,
  issue: Issue,
  path: Path,
  at: { readonly atKey: boolean },
): void {
  if (issue.code !== "custom") {
    add(context, "wrong_value", path, `${nameOf(path)} cannot have this value`);
    return;
  }
  const code: unknown = issue.params?.["code"];
  const suggestion: unknown = issue.params?.["suggestion"];
  context.findings.push({
    severity: "error",
    code: isCheckedCode(code) ? code : "wrong_value",
    message: `${nameOf(path)}: ${issue.message}`,
    path,
    ...at,
    ...(typeof suggestion === "string" ? { suggestion } : {}),
  });
}

/** What the checks of the schema say about a value beyond its type. */
const CHECKED_CODES: ReadonlySet<unknown> = new Set<DiagnosticCode>([
  "tag_query",
  "pattern",
  "workspace",
  "match",
  "cron",
  "time",
  "stack",
  "too_large",
  "missing_key",
  "unknown_key",
]);

function isCheckedCode(code: unknown): code is DiagnosticCode {
  return CHECKED_CODES.has(code);
}

function add(
  context: Context,
  code: DiagnosticCode,
  path: Path,
  message: string,
  suggestion?: string,
): void {
  context.findings.push({
    severity: "error",
    code,
    message,
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** A misspelt key also leaves the right one missing; the first finding already says both. */
function withoutEchoes({ findings, misplacedIn }: Context): readonly Finding[] {
  const meant = new Set(
    findings
      .filter((found) => found.code === "unknown_key" && found.suggestion !== undefined)
      .map((found) => formatPath([...found.path.slice(0, -1), found.suggestion ?? ""])),
  );
  return findings.filter(
    (found) =>
      found.code !== "missing_key" ||
      !(meant.has(formatPath(found.path)) || misplacedIn.has(formatPath(found.path.slice(0, -1)))),
  );
}

function nameOf(path: Path): string {
  return path.length === 0 ? "a configuration" : `\`${nameOfPath(path)}\``;
}

/** Long keys in the middle say nothing: what is wrong with them is said elsewhere. */
const NAME_CHARS_MAX = 200;

/** A path as a message names it. */
export function nameOfPath(path: Path): string {
  return echo(formatPath(path), NAME_CHARS_MAX);
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function pathKey(key: PropertyKey): string | number {
  return typeof key === "symbol" ? String(key) : key;
}
