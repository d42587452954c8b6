import { truncateMiddle } from "../base/text.ts";

/**
 * Text of others inside our Markdown (T10). Three places, three functions: `escapeText` for prose,
 * `code` for names and values, `htmlCode` inside a `<summary>`. Names go into code wherever they
 * can: no forge looks for mentions, references or links in there.
 */

/** Colours, cursor moves, window titles: CSI, OSC and two-character sequences. */
const ANSI =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]|\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|[ -/]{0,16}[0-~])/g;
/**
 * C0 and C1 except tab and line feed, marks that turn the direction of text around, invisible
 * tag characters, and line separators that only some renderers see.
 */
const INVISIBLE =
  /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** What a person may see of any text: no escape sequences, no controls, no turned direction, whole characters. */
export function sanitize(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(ANSI, "")
    .replaceAll(INVISIBLE, "")
    .toWellFormed();
}

/** On one line, without blanks at its ends. */
export function flatten(text: string): string {
  return sanitize(text).replaceAll(/\s+/g, " ").trim();
}

/** Breaks a word for those who look for mentions, not for those who read. */
export const BREAK = "\u200b";
/** Not the pipe: `cell` looks after that one. */
const PUNCTUATION = /[\\`*_{}[\]<>()#!~&$^+=-]/g;
/** `@name`, `#12`, `:emoji:`, `https://` and their like on every forge. */
const REFERENCE = /([@#!$%~&^:])(?=[\p{L}\p{N}_/[{"'])/gu;
/** `GH-12` and `www.`, and `1.` at the beginning, which would be a list. */
const WORD_REFERENCE = /(GH-(?=\d)|www(?=\.))/gi;
const LIST_NUMBER = /^(\d{1,9})([.)])/;

/** Prose of others, on one line: shows as written, and means nothing to the renderer. */
export function escapeText(text: string): string {
  return flatten(text)
    .replaceAll(REFERENCE, `$1${BREAK}`)
    .replaceAll(WORD_REFERENCE, `$1${BREAK}`)
    .replaceAll(PUNCTUATION, "\\$&")
    .replace(LIST_NUMBER, "$1\\$2");
}

/** A name or a value as code, at most `max` characters of it. */
export function code(text: string, max = 200): string {
  const inner = truncateMiddle(flatten(text), max);
  if (inner === "") return "(empty)";
  const fence = "`".repeat(longestRun(inner) + 1);
  const pad = inner.startsWith("`") || inner.endsWith("`") ? " " : "";
  return `${fence}${pad}${inner}${pad}${fence}`;
}

/**
 * Markdown as a table cell. A table is split at its pipes before anything else is read; a pipe after
 * a backslash cannot be written there at all, so it becomes its full-width sister.
 */
export function cell(markdown: string): string {
  return markdown.replaceAll("\\|", "\\｜").replaceAll("|", "\\|");
}

/** A name as code inside an HTML line. */
export function htmlCode(text: string, max = 200): string {
  const inner = truncateMiddle(flatten(text), max)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  return `<code>${inner === "" ? "(empty)" : inner}</code>`;
}

/**
 * Text of ours in which backquotes mark literal values, as `explain` writes it. Whatever stands
 * between them becomes code, the rest is prose.
 */
export function inline(text: string): string {
  const parts = text.split("`");
  // A last backquote without a partner opens nothing.
  const paired = parts.length % 2 === 1 ? parts.length : parts.length - 1;
  const rendered = parts.map((part, index) => {
    if (index % 2 === 1 && index < paired) return code(part, Number.MAX_SAFE_INTEGER);
    // Two codes side by side would be read as one.
    if (part === "" && index > 0 && index < paired - 1) return BREAK;
    const lead = /^\s/.test(part) && index > 0 ? " " : "";
    const trail = /\s$/.test(part) && index < parts.length - 1 && part.trim() !== "" ? " " : "";
    return `${lead}${escapeText(part)}${trail}`;
  });
  return rendered.join("");
}

/** The longest run of backquotes. */
export function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  return longest;
}
