import type { CST } from "yaml";

/** The text of a file that is no YAML, and where its texts in quotes and brackets begin. */
export interface YamlSource {
  readonly text: string;
  readonly tokens: readonly CST.Token[];
}

/** Where the text in quotes begins that ends at `end`. */
export function quoteEndingAt(source: YamlSource, end: number): number | undefined {
  let found: number | undefined;
  visit(source.tokens, (token) => {
    const quoted = token.type === "double-quoted-scalar" || token.type === "single-quoted-scalar";
    if (quoted && token.offset + token.source.length === end) found = token.offset;
  });
  return found;
}

/** Where the innermost of the brackets begins that are open at `before`. */
export function openBracket(source: YamlSource, before: number): number | undefined {
  let found: number | undefined;
  visit(source.tokens, (token) => {
    if (token.type !== "flow-collection" || token.start.offset >= before) return;
    const wanted = token.start.source === "[" ? "flow-seq-end" : "flow-map-end";
    const closed = token.end.some(({ type }) => type === wanted);
    if (!closed && token.start.offset >= (found ?? 0)) found = token.start.offset;
  });
  return found;
}

/** Without recursion: how deep a file is is the choice of its author. */
function visit(tokens: readonly CST.Token[], look: (token: CST.Token) => void): void {
  const stack = [...tokens];
  for (let token = stack.pop(); token !== undefined; token = stack.pop()) {
    look(token);
    if (token.type === "document") {
      if (token.value !== undefined) stack.push(token.value);
    } else if ("items" in token) {
      for (const { key, value } of token.items) {
        if (key) stack.push(key);
        if (value) stack.push(value);
      }
    }
  }
}

export function lineStartOf(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

export function lineEndOf(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

/** Where the first sign of a line stands that is no blank. */
export function contentOf(text: string, offset: number): number {
  let at = lineStartOf(text, offset);
  while (text[at] === " ") at += 1;
  return at;
}

/** The rest of the line, without what follows ` #` and the blanks at its end. */
export function restOfLine(text: string, offset: number): string {
  const rest = text.slice(offset, lineEndOf(text, offset));
  const comment = rest.search(/(?:^|\s)#/);
  return (comment < 0 ? rest : rest.slice(0, comment)).trimEnd();
}
