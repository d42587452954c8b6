import { nearest } from "../../base/nearest.ts";
import type { Change } from "../change/affected.ts";
import { parseChangeList, parseTreeList } from "../change/change-list.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { readDocument } from "../config/document.ts";
import type { Finding } from "../config/finding.ts";
import type { Path } from "../config/places.ts";
import type { CaseFile, Expect, Given, Verb, Verdict } from "./case.ts";
import { REASON_CODES } from "./reason-codes.ts";
import { caseFileSchema, type RawCase, type RawCaseFile } from "./schema.ts";

export type ParsedCases =
  | { readonly kind: "ok"; readonly file: CaseFile }
  | { readonly kind: "error"; readonly diagnostics: readonly Diagnostic[] };

const DEFAULT_BRANCH = "main";
const DEFAULT_AUTHOR = "author";

/** Reads a file of cases; errors have line, column and suggestion as those of a configuration. */
export function parseCases(text: string, file: string): ParsedCases {
  const read = readDocument(text, file, caseFileSchema);
  if (read.kind === "error") return read;
  const findings: Finding[] = [];
  const { value } = read;
  const tree = treeOf(value, findings);
  const defaultBranch = value.default_branch ?? DEFAULT_BRANCH;
  const cases = value.cases.map((one, index) => ({
    name: one.name,
    line: read.locate(["cases", index, "name"]).value.line,
    given: givenOf(one, defaultBranch, ["cases", index, "given"], findings),
    expect: expectOf(one.expect, ["cases", index, "expect"], findings),
  }));
  const twice = cases.find((one, at) => cases.findIndex(({ name }) => name === one.name) < at);
  if (twice !== undefined) {
    const path = ["cases", cases.indexOf(twice), "name"];
    findings.push(problem(path, `two cases are called \`${twice.name}\``));
  }
  if (findings.length > 0) return { kind: "error", diagnostics: read.place(findings) };
  return { kind: "ok", file: { tree, people: peopleOf(value), defaultBranch, cases } };
}

function treeOf(raw: RawCaseFile, findings: Finding[]): readonly string[] | undefined {
  if (raw.tree === undefined || raw.tree === null) return undefined;
  const parsed = parseTreeList(asText(raw.tree));
  if (parsed.kind === "ok") return parsed.entries;
  findings.push(problem(["tree"], inList(parsed)));
  return undefined;
}

function peopleOf(raw: RawCaseFile): CaseFile["people"] {
  return new Map(
    Object.entries(raw.people ?? {}).map(([login, { role, teams }]) => [
      login.toLowerCase(),
      { role: role ?? "write", teams: (teams ?? []).map((team) => team.toLowerCase()) },
    ]),
  );
}

function givenOf(raw: RawCase, defaultBranch: string, path: Path, findings: Finding[]): Given {
  const { given } = raw;
  const author = given.author ?? DEFAULT_AUTHOR;
  return {
    changed: changesOf(given.changed, [...path, "changed"], findings),
    author,
    actor: given.actor ?? author,
    branch: given.branch ?? "change",
    destBranch: given.dest_branch ?? defaultBranch,
    state: given.state ?? "open",
    draft: given.draft ?? false,
    fork: given.fork ?? false,
    mergeable: given.mergeable ?? "clean",
    approvals: given.approvals ?? [],
    checks: Object.entries(given.checks ?? {}).map(([name, state]) => ({ name, state })),
    openReviews: given.open_reviews ?? [],
    time: timeOf(given.time, [...path, "time"], findings),
  };
}

function changesOf(
  raw: string | readonly string[],
  path: Path,
  findings: Finding[],
): readonly Change[] {
  const parsed = parseChangeList(asText(raw));
  if (parsed.kind === "ok") return parsed.entries;
  findings.push(problem(path, inList(parsed)));
  return [];
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

function timeOf(
  text: string | null | undefined,
  path: Path,
  findings: Finding[],
): number | undefined {
  if (text === undefined || text === null) return undefined;
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  findings.push(problem(path, `\`${text}\` is no time such as \`2026-03-01T04:30:00Z\``));
  return undefined;
}

function expectOf(raw: RawCase["expect"], path: Path, findings: Finding[]): Expect {
  const { plan, apply, unlock, ...lists } = raw ?? {};
  const said = Object.entries(lists).filter(([, value]) => value !== undefined && value !== null);
  return {
    ...Object.fromEntries(said),
    ...verdictOf("plan", plan, path, findings),
    ...verdictOf("apply", apply, path, findings),
    ...verdictOf("unlock", unlock, path, findings),
  };
}

type RawVerdict = NonNullable<RawCase["expect"]>["plan"];

function verdictOf(verb: Verb, raw: RawVerdict, path: Path, findings: Finding[]): Partial<Expect> {
  if (raw === undefined || raw === null) return {};
  if (raw === "allowed") return { [verb]: raw };
  const { refused } = raw;
  const codes = typeof refused === "string" ? [refused] : refused;
  for (const [index, code] of codes.entries()) {
    if (REASON_CODES.includes(code)) continue;
    const suggestion = nearest(code, REASON_CODES);
    const found = problem(
      [...path, verb, "refused", ...(codes === refused ? [index] : [])],
      `\`${code}\` is the code of no reason`,
    );
    findings.push(suggestion === undefined ? found : { ...found, suggestion });
  }
  return { [verb]: { refused: codes } satisfies Verdict };
}

function asText(raw: string | readonly string[]): string {
  return typeof raw === "string" ? raw : raw.join("\n");
}

function inList(parsed: { readonly message: string; readonly line: number }): string {
  return `${parsed.message} (line ${parsed.line} of the list)`;
}

function problem(path: Path, message: string): Finding {
  return { severity: "error", code: "wrong_value", message, path };
}
