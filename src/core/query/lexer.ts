import { echo } from "../../base/echo.ts";

/** A piece of a query and where it begins, in UTF-16 units. */
export type Token =
  | { readonly kind: "tag"; readonly value: string; readonly offset: number }
  | { readonly kind: "(" | ")" | "and" | "or" | "not" | "in" | "end"; readonly offset: number };

export type Lexed =
  | { readonly kind: "ok"; readonly tokens: readonly Token[] }
  | { readonly kind: "error"; readonly message: string; readonly offset: number };

const BLANK = /[ \t\r\n]/;
/** A word ends at a blank, a quote or a parenthesis; anything else may be part of a tag. */
const WORD_END = /[ \t\r\n'"()]/g;

/** Cuts a query into tokens; the last one is always `end`. */
export function lex(text: string): Lexed {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (BLANK.test(character)) {
      at += 1;
    } else if (character === "(" || character === ")") {
      tokens.push({ kind: character, offset: at });
      at += 1;
    } else if (character === "'" || character === '"') {
      const string = lexString(text, at, character);
      if (string === undefined) {
        return {
          kind: "error",
          message: `Premature end of string in \`${echo(text.slice(at + 1))}\`.`,
          offset: at,
        };
      }
      tokens.push({ kind: "tag", value: string.value, offset: at });
      at = string.end;
    } else {
      const end = wordEnd(text, at);
      tokens.push(word(text.slice(at, end), at));
      at = end;
    }
  }
  tokens.push({ kind: "end", offset: text.length });
  return { kind: "ok", tokens };
}

function lexString(
  text: string,
  start: number,
  quote: string,
): { readonly value: string; readonly end: number } | undefined {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === quote) return { value, end: at + 1 };
    if (character === "\\") {
      at += 1;
      if (at === text.length) return undefined;
    }
    value += text.charAt(at);
  }
  return undefined;
}

function wordEnd(text: string, start: number): number {
  WORD_END.lastIndex = start;
  const end = WORD_END.exec(text);
  return end === null ? text.length : end.index;
}

function word(value: string, offset: number): Token {
  const keyword = value.toLowerCase();
  switch (keyword) {
    case "and":
    case "or":
    case "not":
    case "in":
      return { kind: keyword, offset };
    default:
      return { kind: "tag", value, offset };
  }
}
