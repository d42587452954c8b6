import { parseWorkspace } from "../../core/change/dirspace.ts";
import { type Explained, explainQuery } from "../../core/query/explain.ts";
import type { Subject } from "../../core/query/match.ts";
import { parseQuery } from "../../core/query/parser.ts";
import { resolveDir } from "../../core/query/path.ts";
import { type Host, UsageError } from "../host.ts";
import { paint, plain } from "../print.ts";

export interface QueryOptions {
  readonly tags?: readonly string[];
  readonly dir?: string;
  readonly workspace?: string;
  readonly workingDir?: string;
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly exitCode?: boolean;
}

/** `terrane query`: gives the exit status. */
export function askQuery(host: Host, text: string, options: QueryOptions): 0 | 1 | 2 {
  const subject = subjectOf(options);
  const parsed = parseQuery(text);
  if (parsed.kind === "error") {
    const { message, offset } = parsed;
    if (options.json === true) host.out(JSON.stringify({ error: { message, offset } }));
    else {
      host.err(`${paint(host, "red", "error:")} ${plain(message)}`);
      pointAt(host, text, offset);
    }
    return 2;
  }
  const explained = explainQuery(parsed.query, subject);
  const { warnings } = parsed;
  if (options.json === true) {
    const why = options.explain === true ? { why: explained } : {};
    const warned = warnings.length === 0 ? {} : { warnings };
    host.out(JSON.stringify({ result: explained.holds, ...why, ...warned }));
  } else {
    for (const warning of warnings) {
      host.err(`${paint(host, "yellow", "warning:")} ${plain(warning.message)}`);
      pointAt(host, text, warning.offset);
    }
    host.out(paint(host, "bold", String(explained.holds)));
    show(host, explained);
    host.out(`Tags: ${plain([...subject.tags].join(", ")) || "(none)"}`);
  }
  return options.exitCode === true && !explained.holds ? 1 : 0;
}

function subjectOf({ tags, dir, workspace, workingDir }: QueryOptions): Subject {
  const named = new Set(tags);
  const at = dir === undefined ? undefined : directory("--dir", dir);
  if (at !== undefined) named.add(`dir:${at}`);
  if (workspace !== undefined) {
    const parsed = parseWorkspace(workspace);
    if (parsed.kind === "error")
      throw new UsageError(`--workspace: ${parsed.message}.`, undefined, 2);
    named.add(`workspace:${workspace}`);
  }
  const from = workingDir === undefined ? undefined : directory("--working-dir", workingDir);
  return {
    tags: named,
    dir: at ?? ".",
    ...(from === undefined ? {} : { workingDir: from }),
  };
}

function directory(option: string, text: string): string {
  const resolved = text.startsWith("/") ? undefined : resolveDir(".", text);
  if (resolved !== undefined) return resolved;
  const next = "Write it relative to the root of the repository, as in `envs/prod`.";
  throw new UsageError(`${option} ${text} is no directory of a repository.`, next, 2);
}

const CHARS_MAX = 100;

/** The line of the query with a caret under the offset. */
function pointAt(host: Host, text: string, offset: number): void {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const newline = text.indexOf("\n", offset);
  const line = text.slice(start, newline < 0 ? text.length : newline);
  const from = Math.max(0, offset - start - CHARS_MAX / 2);
  const shown = plain(line.slice(from, from + CHARS_MAX).replaceAll(/\s/g, " "));
  host.err(`  ${shown}`);
  host.err(`  ${" ".repeat(offset - start - from)}^`);
}

/** The query is at most 64 levels deep, so this is too. */
function show(host: Host, part: Explained, depth = 0): void {
  const verdict = paint(host, part.holds ? "green" : "red", String(part.holds).padEnd(5));
  const text = part.text === "" ? "(empty)" : part.text;
  host.out(
    `${"  ".repeat(depth + 1)}${verdict}  ${plain(text)}  ${paint(host, "dim", plain(part.because))}`,
  );
  for (const operand of part.operands) show(host, operand, depth + 1);
}
