/** A word, a string, or one character of anything else. */
export type Token =
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "mark"; readonly text: string }
  | { readonly kind: "template"; readonly parts: readonly Part[] };

export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "interpolation"; readonly tokens: readonly Token[] }
  /** `%{ if … }`: what comes out is not known. */
  | { readonly kind: "directive"; readonly tokens: readonly Token[] };

/** Templates inside templates: nobody writes ten, and each level is one call of a function. */
export const TEMPLATE_DEPTH_MAX = 40;
/** Brackets inside brackets; reading arguments costs their depth times their length. */
export const BRACKET_DEPTH_MAX = 100;

/**
 * Reads a string of the parser's JSON: text, in which `${…}` and `%{…}` hold expressions as they
 * stand in the source. `undefined` where it is not well formed or nested too deep.
 */
export function readTemplate(text: string): readonly Part[] | undefined {
  return new Reader(text).wholeTemplate();
}

const SPACE = /\s*/y;
const NAME = /[\p{L}_][\p{L}\p{M}\p{N}_-]*/uy;
const COMMENT = /(?:#|\/\/)[^\n]*|\/\*[^]*?\*\//y;
const HEREDOC = /<<-?([\p{L}_][\p{L}\p{M}\p{N}_-]*)\r?\n/uy;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))/y;
const SIMPLE: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Where a template ends, and whether a backslash means something in it. */
type Kind = "whole" | "quoted" | "heredoc";

class Reader {
  private at = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  wholeTemplate(): readonly Part[] | undefined {
    return this.template("whole");
  }

  private template(kind: Kind, marker = ""): readonly Part[] | undefined {
    this.depth += 1;
    if (this.depth > TEMPLATE_DEPTH_MAX) return undefined;
    const parts: Part[] = [];
    let plain = "";
    for (;;) {
      if (kind === "heredoc" && this.endsHeredoc(marker)) break;
      const character = this.text[this.at];
      if (character === undefined) {
        if (kind !== "whole") return undefined;
        break;
      }
      if (kind === "quoted" && character === '"') {
        this.at += 1;
        break;
      }
      if (kind === "quoted" && character === "\\") {
        const match = this.take(ESCAPE);
        if (match === undefined) return undefined;
        plain += unescaped(match);
        continue;
      }
      if (character !== "$" && character !== "%") {
        plain += character;
        this.at += 1;
        continue;
      }
      if (this.text.startsWith(`${character}${character}{`, this.at)) {
        plain += `${character}{`;
        this.at += 3;
        continue;
      }
      if (this.text[this.at + 1] !== "{") {
        plain += character;
        this.at += 1;
        continue;
      }
      if (plain !== "") parts.push({ kind: "text", text: plain });
      plain = "";
      this.at += 2;
      const tokens = this.expression();
      if (tokens === undefined) return undefined;
      parts.push({ kind: character === "$" ? "interpolation" : "directive", tokens });
    }
    if (plain !== "") parts.push({ kind: "text", text: plain });
    this.depth -= 1;
    return parts;
  }

  /** Up to the brace that closes it. */
  private expression(): readonly Token[] | undefined {
    const tokens: Token[] = [];
    let brackets = 0;
    // The marks that strip blanks are no part of the expression.
    if (this.text[this.at] === "~") this.at += 1;
    for (;;) {
      this.take(SPACE);
      const character = this.text[this.at];
      if (character === undefined) return undefined;
      if (character === "}" && brackets === 0) {
        this.at += 1;
        return tokens;
      }
      if (character === '"') {
        this.at += 1;
        const parts = this.template("quoted");
        if (parts === undefined) return undefined;
        tokens.push({ kind: "template", parts });
        continue;
      }
      if (this.take(COMMENT) !== undefined) continue;
      // Looking for its end once more at the next one would be quadratic.
      if (this.text.startsWith("/*", this.at)) return undefined;
      const heredoc = this.take(HEREDOC);
      if (heredoc !== undefined) {
        const parts = this.template("heredoc", heredoc[1]);
        if (parts === undefined) return undefined;
        tokens.push({ kind: "template", parts });
        continue;
      }
      const name = this.take(NAME);
      if (name !== undefined) {
        tokens.push({ kind: "name", text: name[0] });
        continue;
      }
      if ("([{".includes(character)) brackets += 1;
      if (")]}".includes(character)) brackets -= 1;
      if (brackets < 0 || brackets > BRACKET_DEPTH_MAX) return undefined;
      tokens.push({ kind: "mark", text: character });
      this.at += 1;
    }
  }

  /** At the beginning of a line that holds the marker alone, which is read then. */
  private endsHeredoc(marker: string): boolean {
    if (this.text[this.at - 1] !== "\n") return false;
    const newline = this.text.indexOf("\n", this.at);
    const end = newline < 0 ? this.text.length : newline;
    if (this.text.slice(this.at, end).trim() !== marker) return false;
    this.at = end;
    return true;
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match;
  }
}

function unescaped([, short, long, simple]: RegExpExecArray): string {
  if (simple !== undefined) return SIMPLE[simple] ?? simple;
  const code = Number.parseInt(short ?? long ?? "", 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}
