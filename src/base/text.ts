import { assert } from "./assert.ts";

/** Stands where text was cut; the caller's limit includes it. */
const CUT = "…";

/**
 * At most `max` UTF-16 units, with the middle cut out: a message says at its beginning what it is
 * about and at its end what went wrong. Never leaves half of a surrogate pair behind, which some
 * forges and PostgreSQL's `jsonb` refuse.
 */
export function truncateMiddle(text: string, max: number, mark: string = CUT): string {
  if (text.length <= max) return text;
  assert(max >= mark.length, `text: no room for "${mark}" in ${max} characters`);
  const room = max - mark.length;
  const tail = Math.floor(room / 2);
  return `${head(text, room - tail)}${mark}${end(text, tail)}`;
}

/** At most `max` UTF-16 units, with the end cut off. */
export function truncateEnd(text: string, max: number, mark: string = CUT): string {
  if (text.length <= max) return text;
  assert(max >= mark.length, `text: no room for "${mark}" in ${max} characters`);
  return `${head(text, max - mark.length)}${mark}`;
}

/** "1 plan", "3 plans": numbers in text for people. */
export function count(n: number, one: string, many: string = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function head(text: string, length: number): string {
  return text.slice(0, isHigh(text, length - 1) ? length - 1 : length);
}

function end(text: string, length: number): string {
  const from = text.length - length;
  return text.slice(from > 0 && isHigh(text, from - 1) ? from + 1 : from);
}

function isHigh(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
}
