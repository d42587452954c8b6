import { RE2JS, RE2JSSyntaxException } from "re2js";
import { echo } from "../../base/echo.ts";
import { unreachable } from "../../base/unreachable.ts";
import { type LuaPattern, luaFinds, parseLuaPattern } from "./lua-pattern.ts";

/** A user's pattern on a branch or title: a Lua pattern, or a regular expression as `/…/`. */
export type Pattern =
  | { readonly kind: "lua"; readonly pattern: LuaPattern }
  | { readonly kind: "regex"; readonly regex: RE2JS };

export type ParsedPattern =
  | { readonly kind: "ok"; readonly pattern: Pattern }
  | { readonly kind: "error"; readonly message: string };

export const PATTERN_CHARS_MAX = 1024;

/** User patterns never reach the V8 regex engine: both kinds match in linear time. */
export function parsePattern(text: string): ParsedPattern {
  if (text.length > PATTERN_CHARS_MAX) {
    return { kind: "error", message: `a pattern is at most ${PATTERN_CHARS_MAX} characters long` };
  }
  if (text.length > 2 && text.startsWith("/") && text.endsWith("/")) {
    return parseRegex(text.slice(1, -1));
  }
  const parsed = parseLuaPattern(text);
  if (parsed.kind === "error") return parsed;
  return { kind: "ok", pattern: { kind: "lua", pattern: parsed.pattern } };
}

/** Whether the pattern is found anywhere in the text. */
export function patternFinds(pattern: Pattern, text: string): boolean {
  switch (pattern.kind) {
    case "lua":
      return luaFinds(pattern.pattern, text);
    case "regex":
      return pattern.regex.matcher(text).find();
    default:
      return unreachable(pattern);
  }
}

function parseRegex(source: string): ParsedPattern {
  try {
    return { kind: "ok", pattern: { kind: "regex", regex: RE2JS.compile(source) } };
  } catch (error) {
    return { kind: "error", message: `this regular expression cannot be read: ${reason(error)}` };
  }
}

/** Our words for those of the library, each about the piece that it found. */
const REASONS: readonly (readonly [starts: string, say: (piece: string) => string])[] = [
  ["missing closing )", () => "a `(` is not closed; write `\\(` for a parenthesis"],
  ["unexpected )", () => "a `)` closes nothing; write `\\)` for a parenthesis"],
  ["missing closing ]", (piece) => `\`${piece}\` is not closed; write \`\\[\` for a bracket`],
  ["invalid character class range", (piece) => `\`${piece}\` is no range or class of characters`],
  ["invalid escape sequence", (piece) => `\`${piece}\` stands for nothing`],
  ["trailing backslash", () => "a `\\` at the end escapes nothing; write `\\\\` for a backslash"],
  [
    "missing argument to repetition",
    (piece) =>
      `\`${piece}\` has nothing before it to repeat; write \`\\${piece}\` for the sign itself`,
  ],
  ["invalid nested repetition", (piece) => `\`${piece}\` repeats what is repeated already`],
  ["invalid repeat count", (piece) => `\`${piece}\` repeats more than 1000 times, or backwards`],
  [
    "invalid named capture",
    (piece) =>
      /^\(\?<[=!]/.test(piece)
        ? `\`${piece}\` looks behind, which is not part of the language`
        : `\`${piece}\` is no name of a group, as in \`(?P<name>…)\``,
  ],
  ["duplicate capture group", (piece) => `two groups are called \`${piece}\``],
  [
    "invalid or unsupported Perl",
    (piece) =>
      `\`${piece}\` is not part of the language: it looks ahead or behind, or sets what cannot be set`,
  ],
  ["invalid capture in lookbehind", () => "a group cannot look behind and be remembered"],
  ["expression nests too deeply", () => "its groups are nested too deeply"],
  ["expression too large", () => "it is too large; repeat less often"],
];

function reason(error: unknown): string {
  const known =
    error instanceof RE2JSSyntaxException
      ? REASONS.find(([starts]) => error.error.startsWith(starts))?.[1](echo(error.input ?? ""))
      : undefined;
  return known ?? "write it as in `/^release-[0-9]+$/`";
}
