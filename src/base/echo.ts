import { truncateEnd, truncateMiddle } from "./text.ts";

/** What a message repeats of a value: enough to find it, whatever its length. */
export const ECHO_CHARS_MAX = 80;

/**
 * What a terminal obeys and what turns the direction of text: a message that repeats them would
 * show something else than it says.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const ALL_INVISIBLE = new RegExp(INVISIBLE.source, "g");

/** A value as a message repeats it: on one line, with nothing hidden, and at most `max` long. */
export function echo(value: string, max: number = ECHO_CHARS_MAX): string {
  // Each character becomes at least one, so that what comes later is cut anyway.
  return truncateEnd(visible(value.slice(0, max + 1)), max);
}

/** A whole message, with what is hidden in it written out. Ends of lines are the message's own. */
export function legible(message: string, max: number): string {
  const lines = truncateMiddle(message, max).split("\n");
  return truncateMiddle(lines.map(visible).join("\n"), max);
}

/** Whether a message may show it as it is. */
export function isLegible(text: string): boolean {
  return !INVISIBLE.test(text);
}

function visible(text: string): string {
  return text.replaceAll(
    ALL_INVISIBLE,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}}`,
  );
}
