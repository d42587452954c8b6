import { truncateEnd } from "../base/text.ts";
import { type Failure, RESULT_TEXT_CHARS_MAX } from "../contract/work.ts";

/** Errors stand at the end; so many lines are never cut. */
const TAIL_LINES = 40;
const FAILURE_MESSAGE_CHARS_MAX = 2_000;
const MARK_CHARS = 80;

/** At most `max` characters: the beginning and the end, never less of the end than the last 40 lines. */
export function elide(text: string, max: number = RESULT_TEXT_CHARS_MAX): string {
  if (text.length <= max) return text;
  const room = max - MARK_CHARS;
  const lastLines = lastLinesOf(text, TAIL_LINES).length;
  const tailLength = Math.min(room, Math.max(lastLines, Math.floor(room / 2)));
  const tail = wholeUnits(text.slice(text.length - tailLength));
  const head = wholeUnits(text.slice(0, room - tailLength));
  const cut = text.length - head.length - tail.length;
  return `${head}\n… ${cut} characters are not shown …\n${tail}`;
}

export function lastLinesOf(text: string, lines: number): string {
  let at = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let left = lines; left > 0; left -= 1) {
    at = text.lastIndexOf("\n", at - 1);
    if (at <= 0) return at === 0 ? text.slice(1) : text;
  }
  return text.slice(at + 1);
}

/** A failure within the limits of the contract. */
export function failureOf(
  step: string,
  message: string,
  facts: {
    readonly tail?: string;
    readonly exitCode?: number | null;
    readonly signal?: string | null;
  } = {},
): Failure {
  return {
    step,
    message: truncateEnd(message, FAILURE_MESSAGE_CHARS_MAX),
    tail: elide(facts.tail ?? ""),
    exitCode: facts.exitCode ?? null,
    signal: facts.signal ?? null,
  };
}

/** Names for people: `"a", "b" and 3 more`. */
export function namesOf(names: readonly string[], max = 10): string {
  const shown = names.slice(0, max).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** Cutting by length can leave half of a surrogate pair, which JSON stores refuse. */
function wholeUnits(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}
