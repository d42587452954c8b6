import { type LuaClass, type LuaItem, type LuaSet, parseLuaItems } from "./lua-pattern-parser.ts";

/** A Lua pattern, compiled for `string.find`. */
export interface LuaPattern {
  readonly items: readonly LuaItem[];
  readonly anchoredStart: boolean;
  readonly anchoredEnd: boolean;
}

export type ParsedLuaPattern =
  | { readonly kind: "ok"; readonly pattern: LuaPattern }
  | { readonly kind: "error"; readonly message: string };

export const LUA_PATTERN_CHARS_MAX = 1024;

export function parseLuaPattern(text: string): ParsedLuaPattern {
  if (text.length > LUA_PATTERN_CHARS_MAX) {
    return {
      kind: "error",
      message: `a pattern is at most ${LUA_PATTERN_CHARS_MAX} characters long`,
    };
  }
  const anchoredStart = text.startsWith("^");
  const body = anchoredStart ? text.slice(1) : text;
  const parsed = parseLuaItems(body);
  if (parsed.kind === "error") return parsed;
  const { items, anchoredEnd } = parsed;
  return { kind: "ok", pattern: { items, anchoredStart, anchoredEnd } };
}

/**
 * Whether the pattern is found in the text. All ways to match advance together, so the cost is the
 * length of the text times that of the pattern; whether a repetition is greedy makes no difference
 * to whether something is found.
 */
export function luaFinds(pattern: LuaPattern, text: string): boolean {
  const characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const { items, anchoredEnd } = pattern;
  let now = new Set<number>();
  for (let at = 0; at <= characters.length; at += 1) {
    if (at === 0 || !pattern.anchoredStart) now.add(0);
    const reached = closure(items, now, characters[at - 1], characters[at]);
    if (reached.has(items.length) && (!anchoredEnd || at === characters.length)) return true;
    now = advance(items, reached, characters[at]);
  }
  return false;
}

/** Adds every item that can be reached without taking a character. */
function closure(
  items: readonly LuaItem[],
  from: ReadonlySet<number>,
  before: number | undefined,
  after: number | undefined,
): ReadonlySet<number> {
  const reached = new Set<number>();
  // Items only lead to later ones without taking a character, so one pass in order is enough.
  for (let index = 0; index <= items.length; index += 1) {
    const item = items[index];
    if (!from.has(index) && !reached.has(index)) continue;
    reached.add(index);
    if (item === undefined) continue;
    if (item.kind === "frontier") {
      // Lua reads a zero byte before the first character and after the last one.
      if (!holds(item.set, before ?? 0) && holds(item.set, after ?? 0)) reached.add(index + 1);
    } else if (item.repeat === "star" || item.repeat === "optional") reached.add(index + 1);
  }
  return reached;
}

function advance(
  items: readonly LuaItem[],
  reached: ReadonlySet<number>,
  code: number | undefined,
): Set<number> {
  const next = new Set<number>();
  if (code === undefined) return next;
  for (const index of reached) {
    const item = items[index];
    if (item === undefined || item.kind !== "single" || !holds(item.set, code)) continue;
    if (item.repeat === "star") next.add(index);
    else next.add(index + 1);
  }
  return next;
}

function holds(set: LuaSet, code: number): boolean {
  return set.parts.some((part) => holdsPart(part, code)) !== set.negated;
}

function holdsPart(part: LuaSet["parts"][number], code: number): boolean {
  if (part.kind === "range") return code >= part.from && code <= part.to;
  return CLASSES[part.name](code) !== part.negated;
}

const isLower = (code: number) => code >= 0x61 && code <= 0x7a;
const isUpper = (code: number) => code >= 0x41 && code <= 0x5a;
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isAlpha = (code: number) => isLower(code) || isUpper(code);
const isGraph = (code: number) => code > 0x20 && code < 0x7f;

/** As in the C locale. */
const CLASSES: Readonly<Record<LuaClass, (code: number) => boolean>> = {
  any: () => true,
  a: isAlpha,
  c: (code) => code < 0x20 || code === 0x7f,
  d: isDigit,
  g: isGraph,
  l: isLower,
  p: (code) => isGraph(code) && !isAlpha(code) && !isDigit(code),
  s: (code) => code === 0x20 || (code >= 0x09 && code <= 0x0d),
  u: isUpper,
  w: (code) => isAlpha(code) || isDigit(code),
  x: (code) => isDigit(code) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46),
};
