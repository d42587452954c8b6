import { truncateMiddle } from "../base/text.ts";
import { longestRun, sanitize } from "./escape.ts";

/** One line of output that nobody reads to its end. */
const LINE_CHARS_MAX = 400;

/** More backquotes in a row than this are decoration, and would cost their length twice more. */
const RUN_MAX = 32;

/** A code block that its content cannot leave: its fence is longer than any run of backquotes in it. */
export function fence(content: string, language: "text" | "diff" | "yaml" = "text"): string {
  const inner = sanitize(content)
    .trimEnd()
    .replaceAll(/`{33,}/g, "`".repeat(RUN_MAX));
  const ticks = "`".repeat(Math.max(3, longestRun(inner) + 1));
  return `${ticks}${language}\n${inner}\n${ticks}`;
}

/** The most that a fence adds around its content. */
export const FENCE_CHARS_MAX = 2 * (RUN_MAX + 1) + "text\n\n".length;

/** At most so many lines and characters, cut in the middle, with a line that says how much is missing. */
export function elideMiddle(text: string, linesMax: number, charsMax: number): string {
  const lines = clean(text).map((line) => truncateMiddle(line, LINE_CHARS_MAX));
  if (lines.length <= linesMax && charsOf(lines) <= charsMax) return lines.join("\n");
  // Takes lines from both ends in turn, so that the longer end never starves the other.
  const head: string[] = [];
  const tail: string[] = [];
  let room = charsMax - omitted(lines.length).length - 1;
  for (let taken = 0; taken < Math.min(linesMax - 1, lines.length - 1); taken++) {
    const fromHead = taken % 2 === 0;
    const line = fromHead ? lines[head.length] : lines[lines.length - 1 - tail.length];
    if (line === undefined || line.length + 1 > room) break;
    (fromHead ? head : tail).push(line);
    room -= line.length + 1;
  }
  const missing = lines.length - head.length - tail.length;
  return [...head, omitted(missing), ...tail.toReversed()].join("\n");
}

/**
 * The last lines, every one of them: the end of an error says what went wrong. Where they are too
 * long together, each long line gives up its own middle.
 */
export function lastLines(text: string, linesMax: number, charsMax: number): string {
  const lines = clean(text).slice(-linesMax);
  if (charsOf(lines) <= charsMax) return lines.join("\n");
  const cap = fairCap(
    lines.map((line) => line.length + 1),
    charsMax,
  );
  return lines.map((line) => truncateMiddle(line, Math.max(1, cap - 1))).join("\n");
}

/**
 * The largest cap with which everybody's want, cut at the cap, fits into the room: who wants little
 * gets all of it, the others share the rest evenly.
 */
export function fairCap(wants: readonly number[], room: number): number {
  let left = room;
  const sorted = wants.toSorted((a, b) => a - b);
  for (const [index, want] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index));
    if (want > share) return share;
    left -= want;
  }
  return Math.max(0, ...wants);
}

function omitted(lines: number): string {
  return `… ${lines} ${lines === 1 ? "line" : "lines"} not shown …`;
}

/** Without the empty lines at both ends. */
function clean(text: string): readonly string[] {
  const lines = sanitize(text)
    .split("\n")
    .map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== "");
  if (first === -1) return [];
  return lines.slice(first, lines.findLastIndex((line) => line !== "") + 1);
}

function charsOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
