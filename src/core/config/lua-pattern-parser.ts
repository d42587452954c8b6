export type LuaClass = "any" | "a" | "c" | "d" | "g" | "l" | "p" | "s" | "u" | "w" | "x";

export interface LuaSet {
  readonly negated: boolean;
  readonly parts: readonly LuaSetPart[];
}

export type LuaSetPart =
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "class"; readonly name: LuaClass; readonly negated: boolean };

export type LuaItem =
  | { readonly kind: "single"; readonly set: LuaSet; readonly repeat: "one" | "optional" | "star" }
  /** `%f[set]`: between a character that is not in the set and one that is. */
  | { readonly kind: "frontier"; readonly set: LuaSet };

export type ParsedLuaItems =
  | { readonly kind: "ok"; readonly items: readonly LuaItem[]; readonly anchoredEnd: boolean }
  | { readonly kind: "error"; readonly message: string };

/** Reads what follows the leading `^`. Captures are read past: nobody asks what they hold. */
export function parseLuaItems(text: string): ParsedLuaItems {
  const cursor: Cursor = { characters: Array.from(text), at: 0 };
  const items: LuaItem[] = [];
  let open = 0;
  while (cursor.at < cursor.characters.length) {
    const character = peek(cursor);
    if (character === "(") {
      open += 1;
      cursor.at += 1;
    } else if (character === ")") {
      if (open === 0) return failure("`)` closes nothing; write `%)` for a parenthesis");
      open -= 1;
      cursor.at += 1;
    } else if (character === "$" && cursor.at === cursor.characters.length - 1) {
      if (open > 0) return failure("`(` is not closed; write `%(` for a parenthesis");
      return { kind: "ok", items, anchoredEnd: true };
    } else {
      const error = parseItem(cursor, items);
      if (error !== undefined) return failure(error);
    }
  }
  if (open > 0) return failure("`(` is not closed; write `%(` for a parenthesis");
  return { kind: "ok", items, anchoredEnd: false };
}

interface Cursor {
  readonly characters: readonly string[];
  at: number;
}

function parseItem(cursor: Cursor, items: LuaItem[]): string | undefined {
  if (peek(cursor) === "%") {
    const next = cursor.characters[cursor.at + 1];
    if (next === undefined) return "`%` at the end escapes nothing";
    if (next === "b") return "`%b` cannot be used here";
    if (/[0-9]/.test(next)) return "references to captures cannot be used here";
    if (next === "f") {
      cursor.at += 2;
      if (peek(cursor) !== "[") return "`%f` needs a set, as in `%f[%w]`";
      const set = parseSet(cursor);
      if (typeof set === "string") return set;
      items.push({ kind: "frontier", set });
      return undefined;
    }
  }
  const set = parseSingle(cursor);
  if (typeof set === "string") return set;
  pushRepeated(cursor, items, set);
  return undefined;
}

function pushRepeated(cursor: Cursor, items: LuaItem[], set: LuaSet): void {
  const sign = peek(cursor);
  const repeats = sign === "*" || sign === "-" || sign === "+" || sign === "?";
  if (repeats) cursor.at += 1;
  if (!repeats || sign === "+") items.push({ kind: "single", set, repeat: "one" });
  if (sign === "?") items.push({ kind: "single", set, repeat: "optional" });
  else if (repeats) items.push({ kind: "single", set, repeat: "star" });
}

function parseSingle(cursor: Cursor): LuaSet | string {
  const character = peek(cursor);
  if (character === "[") return parseSet(cursor);
  if (character === "%") return only(escaped(cursor));
  cursor.at += 1;
  if (character === ".") return only({ kind: "class", name: "any", negated: false });
  return only(range(character, character));
}

function parseSet(cursor: Cursor): LuaSet | string {
  cursor.at += 1;
  const negated = peek(cursor) === "^";
  if (negated) cursor.at += 1;
  const parts: LuaSetPart[] = [];
  const first = cursor.at;
  for (;;) {
    const character = peek(cursor);
    if (character === "") return "`[` is not closed; write `%[` for a bracket";
    if (character === "]" && cursor.at > first) break;
    if (character === "%") {
      if (cursor.characters[cursor.at + 1] === undefined) {
        return "`[` is not closed; write `%[` for a bracket";
      }
      parts.push(escaped(cursor));
      continue;
    }
    cursor.at += 1;
    const last = cursor.characters[cursor.at + 1];
    if (peek(cursor) === "-" && last !== undefined && last !== "]") {
      cursor.at += 2;
      parts.push(range(character, last));
    } else parts.push(range(character, character));
  }
  cursor.at += 1;
  return { negated, parts };
}

/** `%d` is a class, `%D` its opposite, `%.` a plain dot. */
function escaped(cursor: Cursor): LuaSetPart {
  const character = cursor.characters[cursor.at + 1] ?? "";
  cursor.at += 2;
  const name = character.toLowerCase();
  if (isClassName(name)) return { kind: "class", name, negated: character !== name };
  return range(character, character);
}

function isClassName(name: string): name is Exclude<LuaClass, "any"> {
  return name.length === 1 && "acdglpsuwx".includes(name);
}

function range(from: string, to: string): LuaSetPart {
  return { kind: "range", from: from.codePointAt(0) ?? 0, to: to.codePointAt(0) ?? 0 };
}

function only(part: LuaSetPart): LuaSet {
  return { negated: false, parts: [part] };
}

function peek(cursor: Cursor): string {
  return cursor.characters[cursor.at] ?? "";
}

function failure(message: string): ParsedLuaItems {
  return { kind: "error", message };
}
