import { PLAIN, type Span, type Style, spansOf } from "./ansi.ts";

/** What a page keeps of one unit's output; older lines are cut and counted. */
export const LOG_LINES_MAX = 20_000;
/** A longer line is broken: browsers lay out one endless line in quadratic time. */
export const LINE_CHARS_MAX = 4_000;

export interface LogLine {
  readonly number: number;
  readonly spans: readonly Span[];
  /** The same without styles, for search. */
  readonly text: string;
}

export interface Log {
  readonly lines: readonly LogLine[];
  /** Lines that were cut at the top. */
  readonly cut: number;
  /** The last line as long as no line break ended it. */
  readonly open: string;
  readonly openStyle: Style;
}

export const EMPTY_LOG: Log = { lines: [], cut: 0, open: "", openStyle: PLAIN };

/** The log with more text at its end. The text may stop in the middle of a line or of an escape sequence. */
export function appendToLog(log: Log, text: string): Log {
  if (text === "") return log;
  const parts = (log.open + text).split("\n");
  const open = parts.pop() ?? "";
  let style = log.openStyle;
  const added: LogLine[] = [];
  let number = log.cut + log.lines.length;
  for (const part of parts) {
    for (const piece of broken(visible(part))) {
      number += 1;
      const line = spansOf(piece, style);
      style = line.style;
      added.push({ number, spans: line.spans, text: plain(line.spans) });
    }
  }
  const long = open.length > LINE_CHARS_MAX * 2;
  const lines = [...log.lines, ...added];
  const over = Math.max(0, lines.length - LOG_LINES_MAX);
  const next = {
    lines: over === 0 ? lines : lines.slice(over),
    cut: log.cut + over,
    open,
    openStyle: style,
  };
  return long ? appendToLog(next, "\n") : next;
}

/** All lines, with the unfinished last one. */
export function linesOf(log: Log): readonly LogLine[] {
  if (log.open === "") return log.lines;
  const { spans } = spansOf(visible(log.open), log.openStyle);
  if (spans.length === 0) return log.lines;
  const number = log.cut + log.lines.length + 1;
  return [...log.lines, { number, spans, text: plain(spans) }];
}

/** A carriage return goes back to the start of the line, which is how progress bars are drawn. */
function visible(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  const back = text.lastIndexOf("\r");
  return back === -1 ? text : text.slice(back + 1);
}

function broken(line: string): readonly string[] {
  if (line.length <= LINE_CHARS_MAX) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += LINE_CHARS_MAX) {
    pieces.push(line.slice(at, at + LINE_CHARS_MAX));
  }
  return pieces;
}

function plain(spans: readonly Span[]): string {
  return spans.map((span) => span.text).join("");
}
