import { count } from "../../base/text.ts";
import type { Diagnostic } from "../../core/config/diagnostic.ts";
import type { Host } from "../host.ts";
import { paint, plain } from "../print.ts";

/** A finding as the workbench gives it out: of a file, of what the file does to a tree, or of a change. */
export interface Shown extends Omit<Diagnostic, "code"> {
  readonly code: string;
}

export function isError({ severity }: { readonly severity: "error" | "warning" }): boolean {
  return severity === "error";
}

/** By file, then place. */
export function inOrder(diagnostics: readonly Shown[]): readonly Shown[] {
  const order = (a: Shown, b: Shown): number =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
  return [...diagnostics].sort(order);
}

/** A finding about a file as a whole. */
export function aboutFile(
  severity: Shown["severity"],
  code: string,
  message: string,
  file: string,
): Shown {
  return { severity, code, message, file, line: 1, column: 1, path: "" };
}

/** Findings for people, each with the line it is about where the text of its file is known. */
export function printDiagnostics(
  host: Host,
  diagnostics: readonly Shown[],
  texts: ReadonlyMap<string, string>,
  to: "out" | "err",
): void {
  const print = (text: string): void => host[to](text);
  for (const found of diagnostics) {
    const { file, line, column, severity, message, suggestion } = found;
    const colour = severity === "error" ? "red" : "yellow";
    const place = file === "" ? "" : `${plain(file)}:${line}:${column}: `;
    print(`${place}${paint(host, colour, `${severity}:`)} ${plain(message)}`);
    const source = texts.get(file)?.split("\n")[line - 1];
    if (source !== undefined && found.path !== "") {
      for (const text of excerpt(source, line, column)) print(paint(host, "dim", text));
    }
    if (suggestion !== undefined) print(`  Write instead: ${plain(suggestion)}`);
  }
}

/** "2 errors and 1 warning". */
export function tally(diagnostics: readonly Shown[]): string {
  const errors = diagnostics.filter(isError).length;
  const warnings = diagnostics.length - errors;
  if (errors === 0 && warnings === 0) return "no errors";
  const words = [
    ...(errors > 0 ? [count(errors, "error")] : []),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ];
  return words.join(" and ");
}

const LINE_CHARS_MAX = 120;

/** The line, or the part of it around the column, and a caret under that. */
export function excerpt(source: string, line: number, column: number): readonly string[] {
  const at = Math.min(column - 1, source.length);
  const from = Math.max(0, Math.min(at - LINE_CHARS_MAX / 2, source.length - LINE_CHARS_MAX));
  // Each unit becomes one column, so that the caret stands under what is meant.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const shown = source
    .slice(from, from + LINE_CHARS_MAX)
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  const gutter = `  ${line} | `;
  return [
    `${gutter}${shown.trimEnd()}`,
    `${" ".repeat(gutter.length - 2)}| ${" ".repeat(at - from)}^`,
  ];
}
