import { count } from "../base/text.ts";
import type { Diagnostic } from "../core/config/diagnostic.ts";
import { code, inline } from "./escape.ts";
import { enumerate, NAME_CHARS_MAX, sentence } from "./words.ts";

const SHOWN_MAX = 10;

/** What is wrong with the configuration: errors first, each with its place and what to write instead. */
export function diagnostics(found: readonly Diagnostic[]): readonly string[] {
  if (found.length === 0) return [];
  const errors = found.filter(({ severity }) => severity === "error");
  const warnings = found.filter(({ severity }) => severity === "warning");
  const shown = [...errors, ...warnings].slice(0, SHOWN_MAX);
  const more = found.length - shown.length;
  const counts = [
    ...(errors.length > 0 ? [count(errors.length, "error")] : []),
    ...(warnings.length > 0 ? [count(warnings.length, "warning")] : []),
  ];
  const items = shown.map(item);
  if (more > 0) items.push(`- ${more} more, shown in the dashboard.`);
  return [`**Configuration: ${counts.join(", ")}**`, items.join("\n")];
}

function item({ severity, file, line, column, message, suggestion }: Diagnostic): string {
  const place = code(`${file}:${line}:${column}`, NAME_CHARS_MAX);
  const instead =
    suggestion === undefined ? "" : ` Use ${code(suggestion, NAME_CHARS_MAX)} instead.`;
  return `- ${severity} in ${place}: ${inline(sentence(message))}${instead}`;
}

/** Directories that are gone while what was managed in them is not. */
export function deletedDirs(dirs: readonly string[]): readonly string[] {
  if (dirs.length === 0) return [];
  const list = enumerate(
    dirs.map((dir) => code(dir, NAME_CHARS_MAX)),
    10,
  );
  return [`**Deleted:** ${list}. What was managed there still exists; nothing destroys it.`];
}
