import { type CST, Lexer, Parser } from "yaml";
import { echo } from "../../base/echo.ts";

export interface Exceeded {
  readonly code: "too_large" | "yaml_syntax";
  readonly message: string;
  readonly offset: number;
}

export interface YamlLimits {
  readonly nodes: number;
  readonly depth: number;
  /** Values, brackets, blanks, comments and ends of lines: each costs the parser some 2 µs. */
  readonly lexemes: number;
  /** A file that is not YAML gives an error for nearly every line. */
  readonly errors: number;
}

export type Tokens =
  | { readonly kind: "ok"; readonly tokens: readonly CST.Token[] }
  | { readonly kind: "exceeded"; readonly exceeded: Exceeded };

/** Signs between the lexemes that stand for no text. */
const NO_TEXT = new Set(["\u0002", "\u0018", "\u001f"]);

/** The parser's own levels: the document, and the key or value that is being read. */
const SCAFFOLD = 4;

/**
 * Reads the syntax piece by piece, so that a file that is too much is put down in the middle: what
 * comes after the limit costs nothing, whatever it is.
 */
export function tokensOf(text: string, max: YamlLimits): Tokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let errors = 0;
  let documents = 0;
  let offset = 0;
  let brackets = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexeme === "[" || lexeme === "{") brackets += 1;
    if (lexeme === "]" || lexeme === "}") brackets = Math.max(brackets - 1, 0);
    if (lexemes > max.lexemes) return exceeded(tooMuch(max), offset);
    if (brackets > max.depth || parser.stack.length > max.depth + SCAFFOLD) {
      return exceeded(tooDeep(max), offset);
    }
    if (!NO_TEXT.has(lexeme)) offset += lexeme.length;
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") errors += 1;
      if (token.type === "document") documents += 1;
    }
    // The rest of a second document or of what is no YAML says nothing more.
    if (errors > max.errors || documents > 1) break;
  }
  tokens.push(...parser.end());
  const broken = measure(tokens, max);
  if (broken !== undefined) return broken;
  return { kind: "ok", tokens };
}

const tooMuch = ({ lexemes }: YamlLimits): string =>
  `a configuration of this length holds at most ${Math.floor(lexemes)} values, signs, blanks, comments and lines together`;

const tooDeep = ({ depth }: YamlLimits): string =>
  `a configuration is at most ${depth} levels deep`;

interface Visit {
  readonly token: CST.Token;
  readonly depth: number;
}

/** The first limit that the parts of a file break, found without recursion. */
function measure(tokens: readonly CST.Token[], max: YamlLimits): Tokens | undefined {
  const stack: Visit[] = tokens.map((token) => ({ token, depth: 0 }));
  const trim = trimmer(max.errors);
  let nodes = 0;
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { token, depth } = visit;
    if (depth > max.depth) return exceeded(tooDeep(max), token.offset);
    if ("end" in token) trim(token.end);
    if (token.type === "document") {
      const foreign = foreignTag(token.start);
      if (foreign !== undefined) return foreign;
      trim(token.start);
      if (token.value !== undefined) stack.push({ token: token.value, depth });
    } else if ("items" in token) {
      nodes += token.items.length;
      if (nodes > max.nodes) {
        return exceeded(`a configuration holds at most ${max.nodes} values`, token.offset);
      }
      for (const item of token.items) {
        const foreign = foreignTag(item.start) ?? foreignTag(item.sep);
        if (foreign !== undefined) return foreign;
        trim(item.start);
        trim(item.sep);
        if (item.key) stack.push({ token: item.key, depth: depth + 1 });
        if (item.value) stack.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

function exceeded(message: string, offset: number): Tokens {
  return { kind: "exceeded", exceeded: { code: "too_large", message, offset } };
}

/** Those that say what a value is anyway. */
const TAGS: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `!!${name}`),
);

function foreignTag(pieces: readonly CST.SourceToken[] | undefined): Tokens | undefined {
  const tag = pieces?.find(({ type, source }) => type === "tag" && !TAGS.has(source));
  if (tag === undefined) return undefined;
  const message = `\`${echo(tag.source)}\` is a tag of another program; a configuration has none, and a text that begins with \`!\` has to be quoted`;
  return { kind: "exceeded", exceeded: { code: "yaml_syntax", message, offset: tag.offset } };
}

const BLANKS: ReadonlySet<string> = new Set(["space", "comment", "newline"]);

/**
 * Takes away what stands twice where it may stand once, as in `&a &a &a`, after the first few: each
 * is an error with a stack trace of its own, and 20,000 of them a third of a second. The file stays
 * refused for those that are left.
 */
function trimmer(most: number): (pieces: CST.SourceToken[] | undefined) => void {
  let surplus = 0;
  return (pieces) => {
    if (pieces === undefined || pieces.length < 3) return;
    const seen = new Set<string>();
    let kept = 0;
    for (const piece of pieces) {
      const known = !BLANKS.has(piece.type) && seen.has(piece.type);
      if (known) surplus += 1;
      if (known && surplus > most) continue;
      seen.add(piece.type);
      pieces[kept] = piece;
      kept += 1;
    }
    pieces.length = kept;
  };
}
