import { LineCounter } from "yaml";
import type { z } from "zod";
import { type Diagnostic, presentable } from "./diagnostic.ts";
import { explainIssues, nameOfPath } from "./explain.ts";
import type { Finding } from "./finding.ts";
import type { Json } from "./json.ts";
import { formatPath, type Path, type Place, type Places } from "./places.ts";
import { readYaml } from "./yaml.ts";

/** More than anyone reads at once; the rest shows up when these are gone. */
export const DIAGNOSTICS_MAX = 100;

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Location {
  readonly key: Position;
  readonly value: Position;
}

export type ReadDocument<Value> =
  | { readonly kind: "error"; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "ok";
      readonly value: Value;
      /** Where the value at a path was written. */
      readonly locate: (path: Path) => Location;
      /** Findings with their places, in the order of the file. */
      readonly place: (findings: readonly Finding[]) => readonly Diagnostic[];
    };

/** How a path of what was read is spelt in the file, where the two differ. */
export type WrittenPath = (root: Json, path: Path) => Path;

const SAME: WrittenPath = (_, path) => path;

/**
 * Reads one YAML document of a known shape. Reports every error at once, with line, column and what
 * was probably meant; never throws, whatever the text.
 */
export function readDocument<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  written: WrittenPath = SAME,
): ReadDocument<z.infer<Schema>> {
  const lines = lineCounter(text);
  const yaml = readYaml(text);
  if (yaml.kind === "error") {
    const problems = yaml.problems.toSorted((a, b) => a.offset - b.offset);
    return {
      kind: "error",
      diagnostics: problems.map(({ code, message, offset, suggestion }) =>
        presentable({
          severity: "error",
          code,
          message,
          file,
          ...position(lines, offset),
          path: "",
          ...(suggestion === undefined ? {} : { suggestion }),
        }),
      ),
    };
  }
  // A file that is empty, or holds comments only, says nothing.
  const root: Json = yaml.value === undefined ? {} : yaml.value;
  const { places } = yaml;
  const place = (findings: readonly Finding[]): readonly Diagnostic[] =>
    inOrder(findings, root, places, lines, file, written);
  const parsed = schema.safeParse(root);
  if (!parsed.success) {
    const findings = explainIssues(parsed.error.issues, root, places);
    const once = withoutRepeats(findings, (path) => places.find(root, written(root, path)));
    return { kind: "error", diagnostics: place(once) };
  }
  const locate = (path: Path): Location => {
    const found = places.find(root, written(root, path));
    return { key: position(lines, found.keyOffset), value: position(lines, found.offset) };
  };
  return { kind: "ok", value: parsed.data, locate, place };
}

/** A mistake in a block that is used many times is one mistake, in the words of its first use. */
function withoutRepeats(
  findings: readonly Finding[],
  placeOf: (path: Path) => Place,
): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, message, path, atKey }) => {
    const { keyOffset, offset } = placeOf(path);
    const inside = [path, path.slice(0, -1)].reduce(
      (text, named) => text.replaceAll(`\`${nameOfPath(named)}\``, ""),
      message,
    );
    const key = `${code} ${atKey === true ? keyOffset : offset} ${inside}`;
    return !seen.has(key) && seen.add(key).size > 0;
  });
}

function inOrder(
  findings: readonly Finding[],
  root: Json,
  places: Places,
  lines: LineCounter,
  file: string,
  written: WrittenPath,
): readonly Diagnostic[] {
  return findings
    .map((found): Diagnostic => {
      const place = places.find(root, written(root, found.path));
      const offset = found.atKey === true ? place.keyOffset : place.offset;
      return presentable({
        severity: found.severity,
        code: found.code,
        message: found.message,
        file,
        ...position(lines, offset),
        path: formatPath(found.path),
        ...(found.suggestion === undefined ? {} : { suggestion: found.suggestion }),
      });
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
