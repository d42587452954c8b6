import { LineCounter } from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import { explainIssues } from "./explain.ts";
import type { Finding } from "./finding.ts";
import type { Json } from "./json.ts";
import { lint } from "./lint.ts";
import { lintStacks } from "./lint-stacks.ts";
import { normalise } from "./normalise.ts";
import { formatPath, type Path, type Places } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { configSchema } from "./schema/root.ts";
import { writtenPath } from "./written-path.ts";
import { readYaml } from "./yaml.ts";

/** More than anyone reads at once; the rest shows up when these are gone. */
export const DIAGNOSTICS_MAX = 100;

interface ParseOptions {
  /** Other files are merged with this one, so that a name it does not explain may be explained there. */
  readonly part?: boolean;
}

export interface ParsedConfig {
  /** Absent where there are errors. */
  readonly raw?: RawConfig;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export type LocatedConfig =
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "parsed";
      readonly raw: RawConfig;
      readonly diagnostics: readonly Diagnostic[];
      /** Where the value at a path of `raw` was written. */
      readonly locate: (path: Path) => Location;
    };

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Location {
  readonly key: Position;
  readonly value: Position;
}

/**
 * Reads one configuration file, as written: deprecated forms replaced, no defaults. Reports every
 * error at once, with line, column and what was probably meant; never throws, whatever the text.
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  const located = locateConfig(text, file);
  const { diagnostics } = located;
  return located.kind === "refused" ? { diagnostics } : { raw: located.raw, diagnostics };
}

/** The same, and where each value stands. */
export function locateConfig(
  text: string,
  file: string,
  { part = false }: ParseOptions = {},
): LocatedConfig {
  const lines = lineCounter(text);
  const yaml = readYaml(text);
  if (yaml.kind === "error") {
    return {
      kind: "refused",
      diagnostics: yaml.problems
        .toSorted((a, b) => a.offset - b.offset)
        .map(({ code, message, offset }) => ({
          severity: "error",
          code,
          message,
          file,
          ...position(lines, offset),
          path: "",
        })),
    };
  }
  // A file that is empty, or holds comments only, says nothing.
  const root: Json = yaml.value === undefined ? {} : yaml.value;
  const parsed = configSchema.safeParse(root);
  if (!parsed.success) {
    const findings = explainIssues(parsed.error.issues, root, yaml.places);
    return { kind: "refused", diagnostics: inOrder(findings, root, yaml.places, lines, file) };
  }
  const findings: Finding[] = [];
  const raw = normalise(parsed.data, findings);
  lint(raw, findings);
  if (!part) lintStacks(raw, findings);
  const diagnostics = inOrder(findings, root, yaml.places, lines, file);
  // Of the findings, not of the diagnostics: of these only so many are reported.
  if (findings.some((found) => found.severity === "error")) return { kind: "refused", diagnostics };
  return {
    kind: "parsed",
    raw,
    diagnostics,
    locate: (path) => {
      const place = yaml.places.find(root, writtenPath(root, path));
      return { key: position(lines, place.keyOffset), value: position(lines, place.offset) };
    },
  };
}

function inOrder(
  findings: readonly Finding[],
  root: Json,
  places: Places,
  lines: LineCounter,
  file: string,
): readonly Diagnostic[] {
  return findings
    .map((found): Diagnostic => {
      const place = places.find(root, writtenPath(root, found.path));
      const offset = found.atKey === true ? place.keyOffset : place.offset;
      return {
        severity: found.severity,
        code: found.code,
        message: found.message,
        file,
        ...position(lines, offset),
        path: formatPath(found.path),
        ...(found.suggestion === undefined ? {} : { suggestion: found.suggestion }),
      };
    })
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, DIAGNOSTICS_MAX);
}

function lineCounter(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines.addNewLine(at + 1);
  }
  return lines;
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
