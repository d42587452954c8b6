import { type CST, Lexer, Parser } from "yaml";

export interface Exceeded {
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

/**
 * Reads the syntax piece by piece, so that a file that is too much is put down in the middle: what
 * comes after the limit costs nothing, whatever it is.
 */
export function tokensOf(text: string, max: YamlLimits): Tokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let errors = 0;
  let offset = 0;
  let brackets = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexeme === "[" || lexeme === "{") brackets += 1;
    if (lexeme === "]" || lexeme === "}") brackets = Math.max(brackets - 1, 0);
    if (lexemes > max.lexemes) return exceeded(TOO_MUCH, offset);
    if (brackets > max.depth) return exceeded(tooDeep(max), offset);
    if (!NO_TEXT.has(lexeme)) offset += lexeme.length;
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") errors += 1;
    }
    if (errors > max.errors) break;
  }
  tokens.push(...parser.end());
  return measure(tokens, max) ?? { kind: "ok", tokens };
}

const TOO_MUCH = "a configuration cannot have that many values, comments and lines";

const tooDeep = ({ depth }: YamlLimits): string =>
  `a configuration is at most ${depth} levels deep`;

interface Visit {
  readonly token: CST.Token;
  readonly depth: number;
}

/** The first limit that the parts of a file break, found without recursion. */
function measure(tokens: readonly CST.Token[], max: YamlLimits): Tokens | undefined {
  const stack: Visit[] = tokens.map((token) => ({ token, depth: 0 }));
  let nodes = 0;
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { token, depth } = visit;
    if (depth > max.depth) return exceeded(tooDeep(max), token.offset);
    if (token.type === "document") {
      if (token.value !== undefined) stack.push({ token: token.value, depth });
    } else if ("items" in token) {
      nodes += token.items.length;
      if (nodes > max.nodes) {
        return exceeded(`a configuration holds at most ${max.nodes} values`, token.offset);
      }
      for (const item of token.items) {
        if (item.key) stack.push({ token: item.key, depth: depth + 1 });
        if (item.value) stack.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

function exceeded(message: string, offset: number): Tokens {
  return { kind: "exceeded", exceeded: { message, offset } };
}
