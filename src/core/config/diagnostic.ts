import { echo, isLegible, legible } from "../../base/echo.ts";

/** One finding in a configuration file, precise enough to click on. Lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, as in `workflows[0].plan[1].cmd`; empty for the document itself. */
  readonly path: string;
  /** What to write instead. */
  readonly suggestion?: string;
}

export type DiagnosticCode =
  | "yaml_syntax"
  | "too_large"
  | "duplicate_key"
  | "unknown_key"
  | "missing_key"
  | "wrong_type"
  | "wrong_value"
  | "tag_query"
  | "pattern"
  | "workspace"
  | "match"
  | "deprecated"
  /** No file, directory or dirspace of the repository can match it. */
  | "never_matches"
  /** It lets a change decide about itself. */
  | "dangerous"
  /** Two files cannot be combined, or name the same thing twice. */
  | "merge"
  | "cron"
  | "time"
  | "stack"
  /** A cycle of dependencies, or of stacks. */
  | "cycle"
  | "unsupported";

/** Longer than any message that is made of our words and a few short values. */
export const MESSAGE_CHARS_MAX = 1_000;
const PATH_CHARS_MAX = 500;
const SUGGESTION_CHARS_MAX = 500;

/** The last gate before people: whatever a file holds, what is said of it is short and hides nothing. */
export function presentable(diagnostic: Diagnostic): Diagnostic {
  const { suggestion, ...rest } = diagnostic;
  const given =
    suggestion !== undefined && suggestion.length <= SUGGESTION_CHARS_MAX && isLegible(suggestion);
  return {
    ...rest,
    message: legible(rest.message, MESSAGE_CHARS_MAX),
    path: echo(rest.path, PATH_CHARS_MAX),
    // Part of a suggestion would be another one.
    ...(given ? { suggestion } : {}),
  };
}
