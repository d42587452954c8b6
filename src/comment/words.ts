import type { Instant } from "../base/brand.ts";
import { truncateEnd } from "../base/text.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";

/** The longest name shown whole; directories can be 1,024 bytes long. */
export const NAME_CHARS_MAX = 120;
const NAMES_MAX = 5;

/** `dir` alone in the default workspace, which most people do not know they have. */
export function dirspaceName(key: DirspaceKey | string): string {
  return key.endsWith(":default") ? key.slice(0, -":default".length) : key;
}

/** A value inside text of ours: marked by backquotes, which `inline` and the dashboard turn into code. */
export function literal(value: string): string {
  return `\`${value.replaceAll("`", "'").replaceAll(/\s+/g, " ")}\``;
}

/** "`a`, `b` and 3 more". */
export function literals(values: readonly string[], max: number = NAMES_MAX): string {
  return enumerate(values.map(literal), max);
}

/** "a, b and c"; beyond `max` the rest is counted. */
export function enumerate(items: readonly string[], max: number = NAMES_MAX): string {
  const rest = items.length - max;
  const shown = rest > 0 ? items.slice(0, max) : items;
  const last = rest > 0 ? `${rest} more` : shown.at(-1);
  const first = rest > 0 ? shown : shown.slice(0, -1);
  if (last === undefined) return "";
  return first.length === 0 ? last : `${first.join(", ")} and ${last}`;
}

export function names(keys: readonly (DirspaceKey | string)[]): string {
  return literals(keys.map(dirspaceName));
}

/** "`a` needs", "`a` and `b` need": dirspaces as the subject of a sentence. */
export function subject(keys: readonly DirspaceKey[], one: string, many: string): string {
  return `${names(keys)} ${keys.length === 1 ? one : many}`;
}

/** "pull request 9", "pull requests 9 and 12". */
export function pullRequests(numbers: readonly number[]): string {
  return `pull ${numbers.length === 1 ? "request" : "requests"} ${enumerate(numbers.map(String))}`;
}

/** `2026-03-01 14:05 UTC`. */
export function utc(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}

const PROSE_CHARS_MAX = 400;

/** A message from elsewhere inside text of ours: one line, and its backquotes come in pairs. */
export function prose(message: string): string {
  const line = truncateEnd(message.replaceAll(/\s+/g, " ").trim(), PROSE_CHARS_MAX);
  const isPaired = line.split("`").length % 2 === 1;
  return isPaired ? line : line.replaceAll("`", "'");
}

/** Ends like a sentence, however the message ended. */
export function sentence(message: string): string {
  const text = prose(message);
  return /[.!?…:]$/.test(text) ? text : `${text}.`;
}
