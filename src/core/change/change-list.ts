import { pathSegments } from "../query/path.ts";
import type { Change } from "./affected.ts";

/** As many files as the largest repositories have, with room. */
export const LIST_LINES_MAX = 1_000_000;
/** What Linux takes as a path. */
export const LIST_PATH_CHARS_MAX = 4096;

export type ParsedList<Entry> =
  | { readonly kind: "ok"; readonly entries: readonly Entry[] }
  /** Lines count from 1. */
  | { readonly kind: "error"; readonly message: string; readonly line: number };

/** One path a line; blank lines and carriage returns do not count. */
export function parseTreeList(text: string): ParsedList<string> {
  return parseLines(text, (line) => path(line));
}

/**
 * One change a line: a path, or `A path`, `M path`, `D path` and `R old new`. A tab stands between
 * the names of a move when they contain blanks. The output of `git diff --name-status` is such a
 * list. A file that is literally called `D x` or `D` is written `M D x` or `M D`.
 */
export function parseChangeList(text: string): ParsedList<Change> {
  return parseLines(text, change);
}

type Read<Entry> = { readonly entry: Entry } | { readonly message: string };

function parseLines<Entry>(text: string, read: (line: string) => Read<Entry>): ParsedList<Entry> {
  const entries: Entry[] = [];
  let line = 0;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(at, text.charAt(end - 1) === "\r" && end > at ? end - 1 : end);
    at = end + 1;
    line += 1;
    if (content.trim() === "") continue;
    if (entries.length === LIST_LINES_MAX) {
      return { kind: "error", message: `a list has at most ${LIST_LINES_MAX} paths`, line };
    }
    const one = read(content);
    if ("message" in one) return { kind: "error", message: one.message, line };
    entries.push(one.entry);
  }
  return { kind: "ok", entries };
}

const LETTER = /^([AMD])[ \t]+(.+)$/;
const MOVE = /^R(?:\d{1,3}\t|[ \t]+)(.+)$/;
/** Cut off, most likely: a deletion that is read as a change of a file called `D` would go unseen. */
const NAMELESS = /^([ADM]|R(?:\d{1,3}(?=\t))?)[ \t]*$/;
/** Copies, changes of type and conflicts come from git only, which writes a tab. */
const OF_GIT = /^(?:C\d{0,3}\t[^\t]+|[TU])\t(.+)$/;

const KINDS: ReadonlyMap<string, OneFile> = new Map([
  ["A", "added"],
  ["D", "deleted"],
  ["M", "modified"],
]);

function change(line: string): Read<Change> {
  const nameless = NAMELESS.exec(line)?.[1];
  if (nameless !== undefined) {
    return {
      message: `a name is missing after ${nameless}; a file that is called so is \`M ${nameless}\``,
    };
  }
  const [, letter = "", rest = ""] = LETTER.exec(line) ?? [];
  const kind = KINDS.get(letter);
  if (kind !== undefined) return onePath(kind, rest);
  const move = MOVE.exec(line)?.[1];
  if (move !== undefined) return renamed(move);
  return onePath("modified", OF_GIT.exec(line)?.[1] ?? line);
}

type OneFile = Exclude<Change["kind"], "renamed">;

function onePath(kind: OneFile, text: string): Read<Change> {
  const read = path(text);
  return "message" in read ? read : { entry: { kind, path: read.entry } };
}

function renamed(text: string): Read<Change> {
  const [old, name, more] = text.split(text.includes("\t") ? "\t" : / +/);
  if (old === undefined || name === undefined || more !== undefined || old === "" || name === "") {
    return {
      message:
        "a move is `R old new` with two names; put a tab between them when they contain blanks",
    };
  }
  const from = path(old);
  if ("message" in from) return from;
  const to = path(name);
  if ("message" in to) return to;
  return { entry: { kind: "renamed", from: from.entry, to: to.entry } };
}

/** An empty, `.` or `..` part between slashes. */
const IRREGULAR = /(?:^|\/)\.{0,2}(?:\/|$)/;

function path(written: string): Read<string> {
  if (written.length > LIST_PATH_CHARS_MAX) {
    return { message: `a path is at most ${LIST_PATH_CHARS_MAX} characters long` };
  }
  if (written.includes("\0")) {
    return { message: "there is a NUL character: lists hold one path a line, so leave `-z` out" };
  }
  const text = unquoted(written);
  if (!IRREGULAR.test(text)) return { entry: text };
  const shown = JSON.stringify(text);
  if (text.startsWith("/")) {
    return { message: `${shown} is absolute; paths are relative to the root of the repository` };
  }
  if (text.endsWith("/")) return { message: `${shown} is a directory; lists hold files` };
  const segments = pathSegments(text);
  if (segments === undefined) return { message: `${shown} leaves the repository` };
  if (segments.length === 0) return { message: `${shown} is a directory; lists hold files` };
  return { entry: segments.join("/") };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/** git writes names with unusual characters in quotes, byte by byte in octal. */
function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  if (!/^(?:[^"\\]|\\[0-3][0-7]{2}|\\[abfnrtv\\"])*$/.test(inner)) return text;
  try {
    return decodeURIComponent(inner.replaceAll(PIECES, encoded));
  } catch {
    // Bytes that are no UTF-8, or half a character: nothing in a configuration could name them.
    return text;
  }
}

const PIECES = /((?:\\[0-3][0-7]{2})+)|\\(.)|[^\\]/gu;

function encoded(piece: string, octal: string | undefined, escaped: string | undefined): string {
  if (octal === undefined) return encodeURIComponent(ESCAPES[escaped ?? ""] ?? piece);
  return octal.replaceAll(
    /\\(...)/g,
    (_, digits: string) => `%${Number.parseInt(digits, 8).toString(16).padStart(2, "0")}`,
  );
}
