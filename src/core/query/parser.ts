import { formatNode } from "./format.ts";
import { lex, type Token } from "./lexer.ts";
import { messages } from "./messages.ts";
import { pathSegments } from "./path.ts";
import {
  type Node,
  type ParsedQuery,
  QUERY_CHARS_MAX,
  QUERY_DEPTH_MAX,
  type QueryWarning,
} from "./query.ts";

/**
 * Parses a tag query. Three things differ from what one might expect, and are kept because existing
 * files rely on them: the empty query matches everything; tags side by side mean `and` but have no
 * precedence of their own, so that `a b or c` is `a and (b or c)`; `not` takes one tag or one pair
 * of parentheses.
 */
export function parseQuery(text: string): ParsedQuery {
  if (text.length > QUERY_CHARS_MAX) {
    return { kind: "error", message: messages.too_long, offset: 0 };
  }
  const lexed = lex(text);
  if (lexed.kind === "error") return lexed;
  if (lexed.tokens[0]?.kind === "end") {
    return { kind: "ok", query: { text, root: null }, warnings: [] };
  }
  const state: State = { tokens: lexed.tokens, at: 0, depth: 0, orOffset: undefined };
  const root = parseWhole(state);
  if ("message" in root) return { kind: "error", ...root };
  return { kind: "ok", query: { text, root }, warnings: warningsOf(state, root) };
}

interface State {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  /** The first `or` that was pulled into tags side by side. */
  orOffset: number | undefined;
}

interface Failure {
  readonly message: string;
  readonly offset: number;
}

function parseWhole(state: State): Node | Failure {
  const root = parseOr(state);
  if ("message" in root) return root;
  const next = peek(state);
  switch (next.kind) {
    case "end":
      return root;
    case ")":
      return { message: messages.tag_rparen, offset: next.offset };
    default:
      return unexpected(next);
  }
}

/** With `first`, the expression goes on after an atom that tags side by side led to. */
function parseOr(state: State, first?: Node): Node | Failure {
  if (state.depth > QUERY_DEPTH_MAX) {
    return { message: messages.too_deep, offset: peek(state).offset };
  }
  state.depth += 1;
  const operands: Node[] = [];
  for (;;) {
    const operand = parseAnd(state, operands.length === 0 ? first : undefined);
    if ("message" in operand) return operand;
    operands.push(operand);
    const next = peek(state);
    if (next.kind !== "or") break;
    if (first !== undefined) state.orOffset ??= next.offset;
    state.at += 1;
  }
  state.depth -= 1;
  return combine("or", operands);
}

function parseAnd(state: State, first: Node | undefined): Node | Failure {
  const operands: Node[] = [];
  for (;;) {
    const operand = operands.length === 0 && first !== undefined ? first : parseBeside(state);
    if ("message" in operand) return operand;
    operands.push(operand);
    if (peek(state).kind !== "and") break;
    state.at += 1;
  }
  return combine("and", operands);
}

/**
 * `a b c …`: each atom and everything after it. Only the last atom opens a new level, so that a long
 * list of tags is as flat as it looks; it is handed on and not read again, which would double the
 * work with each pair of parentheses.
 */
function parseBeside(state: State): Node | Failure {
  const operands: Node[] = [];
  for (;;) {
    const atom = parseAtom(state);
    if ("message" in atom) return atom;
    if (startsAtom(peek(state))) {
      operands.push(atom);
      continue;
    }
    if (operands.length === 0) return atom;
    const rest = parseOr(state, atom);
    if ("message" in rest) return rest;
    return combine("and", [...operands, rest]);
  }
}

function parseAtom(state: State): Node | Failure {
  const token = peek(state);
  switch (token.kind) {
    case "tag":
      state.at += 1;
      return peek(state).kind === "in" ? parseInDir(state, token.value) : tagNode(token.value);
    case "(":
      return parseParentheses(state);
    case "not":
      state.at += 1;
      return parseNot(state);
    default:
      return unexpectedAtom(state, token);
  }
}

function parseInDir(state: State, fragment: string): Node | Failure {
  state.at += 1;
  const right = peek(state);
  if (right.kind !== "tag") return { message: messages.in_position, offset: right.offset };
  if (right.value !== "dir") return { message: messages.in_dir(right.value), offset: right.offset };
  state.at += 1;
  return inDirNode(fragment);
}

function parseParentheses(state: State): Node | Failure {
  const opening = peek(state);
  state.at += 1;
  const first = peek(state);
  if (first.kind === ")") return { message: messages.lparen_rparen, offset: opening.offset };
  if (first.kind === "end") return { message: messages.lparen_tag_eof, offset: opening.offset };
  const inner = parseOr(state);
  if ("message" in inner) return inner;
  const closing = peek(state);
  if (closing.kind === "end") return { message: messages.lparen_tag_eof, offset: opening.offset };
  if (closing.kind !== ")") return unexpected(closing);
  state.at += 1;
  return inner;
}

function parseNot(state: State): Node | Failure {
  const token = peek(state);
  if (token.kind === "(") {
    const operand = parseParentheses(state);
    return "message" in operand ? operand : { kind: "not", operand };
  }
  if (token.kind !== "tag") return { message: messages.not_rparen, offset: token.offset };
  state.at += 1;
  const next = peek(state);
  if (next.kind === "in") return { message: messages.in_position, offset: next.offset };
  return { kind: "not", operand: tagNode(token.value) };
}

/** Something stands where an operand must begin. */
function unexpectedAtom(state: State, token: Token): Failure {
  const before = state.tokens[state.at - 1]?.kind;
  if (token.kind === ")" && before === "or") {
    return { message: messages.tag_or_rparen, offset: token.offset };
  }
  if (token.kind === ")" && before === "and") {
    return { message: messages.tag_and_rparen, offset: token.offset };
  }
  return unexpected(token);
}

function unexpected(token: Token): Failure {
  const message = token.kind === "in" ? messages.in_position : messages.rparen;
  return { message, offset: token.offset };
}

/** A word with a prefix of its own is not a plain tag; quoting does not change that. */
function tagNode(value: string): Node {
  if (value.startsWith("dir~")) return inDirNode(value.slice("dir~".length));
  if (value.startsWith("relative_dir:")) {
    return { kind: "relative_dir", path: value.slice("relative_dir:".length) };
  }
  return { kind: "tag", tag: value };
}

function inDirNode(fragment: string): Node {
  const outer = fragment.startsWith("/") || fragment.endsWith("/");
  return { kind: "in_dir", segments: outer ? [] : (pathSegments(fragment) ?? []) };
}

function combine(kind: "and" | "or", operands: readonly Node[]): Node {
  const [only] = operands;
  if (only !== undefined && operands.length === 1) return only;
  return {
    kind,
    operands: operands.flatMap((node) => (node.kind === kind ? node.operands : [node])),
  };
}

function startsAtom(token: Token): boolean {
  return token.kind === "tag" || token.kind === "(" || token.kind === "not";
}

function peek(state: State): Token {
  const token = state.tokens[state.at] ?? state.tokens[state.tokens.length - 1];
  return token ?? { kind: "end", offset: 0 };
}

function warningsOf(state: State, root: Node): readonly QueryWarning[] {
  if (state.orOffset === undefined) return [];
  const message = messages.ambiguous_or(formatNode(root));
  return [{ code: "ambiguous_or", message, offset: state.orOffset }];
}
