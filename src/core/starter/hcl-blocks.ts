/** A block of a file, and what is said directly in it. */
export interface Block {
  /** `terraform`, `provider`, `module`. */
  readonly type: string;
  readonly labels: readonly string[];
  /** Of the attributes whose value is one plain text. */
  readonly texts: ReadonlyMap<string, string>;
  readonly blocks: readonly Block[];
}

/** Blocks inside each other; nothing that is looked for lies deeper. */
const DEPTH_MAX = 32;

interface OpenBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly texts: Map<string, string>;
  readonly blocks: OpenBlock[];
}

type Token =
  | { readonly kind: "name"; readonly text: string }
  /** Undefined where it is no plain text, because something is put into it. */
  | { readonly kind: "string"; readonly text: string | undefined }
  | { readonly kind: "mark"; readonly text: string }
  | { readonly kind: "line" };

/**
 * The blocks of a file in HCL, as far as they can be told without a grammar: enough to see what a directory is. It takes
 * any text, and time in proportion to its length; what it does not understand it leaves out.
 */
export function hclBlocks(text: string): readonly Block[] {
  const tokens = tokensOf(text);
  const root: OpenBlock = { type: "", labels: [], texts: new Map(), blocks: [] };
  const open: OpenBlock[] = [root];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at];
    if (token?.kind === "mark" && token.text === "}" && open.length > 1) open.pop();
    if (token?.kind !== "name") {
      at += 1;
      continue;
    }
    at = statement(tokens, at, open);
  }
  return root.blocks;
}

/** An attribute, or the head of a block; gives where to go on. */
function statement(tokens: readonly Token[], from: number, open: OpenBlock[]): number {
  const first = tokens[from];
  const name = first?.kind === "name" ? first.text : "";
  const labels: string[] = [];
  for (let at = from + 1; ; at += 1) {
    const token = tokens[at];
    if (token?.kind === "name") labels.push(token.text);
    else if (token?.kind === "string") labels.push(token.text ?? "");
    else if (token?.kind !== "mark") return at;
    else if (token.text === "{") {
      const block: OpenBlock = { type: name, labels, texts: new Map(), blocks: [] };
      open.at(-1)?.blocks.push(block);
      if (open.length >= DEPTH_MAX) return pastValue(tokens, at);
      open.push(block);
      return at + 1;
    } else if (token.text === "=") {
      const value = tokens[at + 1];
      const isPlain = value?.kind === "string" && endsStatement(tokens[at + 2]);
      if (isPlain && value.text !== undefined) open.at(-1)?.texts.set(name, value.text);
      return pastValue(tokens, at + 1);
    } else return at;
  }
}

function endsStatement(token: Token | undefined): boolean {
  return token === undefined || token.kind === "line" || isMark(token, "}");
}

function isMark(token: Token, text: string): boolean {
  return token.kind === "mark" && token.text === text;
}

/** To the end of the line of a value, or past the brackets that are open there. */
function pastValue(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === "line" && depth === 0) return at + 1;
    if (token?.kind !== "mark") continue;
    if ("{[(".includes(token.text)) depth += 1;
    else if ("}])".includes(token.text)) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return tokens.length;
}

const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const HEREDOC = /<<-?([\p{L}_][\p{L}\p{N}_-]*)[ \t\r]*\n/uy;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    if (character === "#" || text.startsWith("//", at)) {
      at = upTo(text, "\n", at);
    } else if (text.startsWith("/*", at)) {
      at = upTo(text, "*/", at) + 2;
    } else if (character === "\n") {
      tokens.push({ kind: "line" });
      at += 1;
    } else if (character === '"') {
      const string = readString(text, at);
      tokens.push({ kind: "string", text: string.value });
      at = string.end;
    } else if (character === "<" && matchAt(HEREDOC, text, at) !== undefined) {
      const [opening = "", name = ""] = matchAt(HEREDOC, text, at) ?? [];
      tokens.push({ kind: "string", text: undefined });
      at = pastHeredoc(text, at + opening.length, name);
    } else {
      const [name] = matchAt(NAME, text, at) ?? [];
      if (name !== undefined) tokens.push({ kind: "name", text: name });
      else if (character.trim() !== "") tokens.push({ kind: "mark", text: character });
      at += name?.length ?? 1;
    }
  }
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function upTo(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? text.length : found;
}

/** Its end is the line that holds nothing but the name; the line break stays, as that of the statement. */
function pastHeredoc(text: string, from: number, name: string): number {
  for (let at = from; at < text.length; ) {
    const end = upTo(text, "\n", at);
    if (text.slice(at, end).trim() === name) return end;
    at = end + 1;
  }
  return text.length;
}

/** From one quote to the other; inside `${…}` there are strings again. */
function readString(
  text: string,
  from: number,
): { readonly value: string | undefined; readonly end: number } {
  const inside: ("string" | "brace")[] = ["string"];
  let isPlain = true;
  let at = from + 1;
  for (; at < text.length && inside.length > 0; at += 1) {
    const character = text.charAt(at);
    const isText = inside.at(-1) === "string";
    if (isText && character === "\\") at += 1;
    else if (isText && character === "\n") break;
    else if (character === '"') {
      if (isText) inside.pop();
      else inside.push("string");
    } else if (isText && (text.startsWith("${", at) || text.startsWith("%{", at))) {
      // Doubled, the sign stands for itself.
      const doubled = text.charAt(at - 1) === character;
      if (!doubled) {
        isPlain = false;
        inside.push("brace");
        at += 1;
      }
    } else if (!isText && character === "{") inside.push("brace");
    else if (!isText && character === "}") inside.pop();
  }
  const value = isPlain ? text.slice(from + 1, Math.max(from + 1, at - 1)) : undefined;
  return { value, end: at };
}
