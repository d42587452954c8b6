import { RE2JS } from "re2js";
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
    const reason = error instanceof Error ? error.message : "it cannot be read";
    return { kind: "error", message: `this regular expression is not valid: ${reason}` };
  }
}
