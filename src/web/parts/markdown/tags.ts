import type { fromMarkdown } from "mdast-util-from-markdown";

export type RootContent = ReturnType<typeof fromMarkdown>["children"][number];

/** The tags that a comment may use. Everything else is shown as the text that it is. */
const TAGS = [
  "details",
  "summary",
  "b",
  "strong",
  "i",
  "em",
  "code",
  "kbd",
  "sub",
  "sup",
  "br",
  "p",
] as const;
export type Tag = (typeof TAGS)[number];

export interface Element {
  readonly type: "element";
  readonly tag: Tag;
  readonly open: boolean;
  readonly children: readonly MarkdownNode[];
}

export type MarkdownNode = RootContent | Element;

type Token =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "open"; readonly tag: Tag; readonly open: boolean; readonly raw: string }
  | { readonly kind: "close"; readonly tag: Tag; readonly raw: string };

/**
 * Markdown hands over raw HTML as strings, `<details>` and `</details>` as two siblings with the content between them.
 * This makes elements of the few tags we know and text of the rest; no HTML is ever parsed by the browser.
 */
export function withElements(nodes: readonly RootContent[]): readonly MarkdownNode[] {
  const stack: { tag: Tag; open: boolean; raw: string; children: MarkdownNode[] }[] = [];
  const top: MarkdownNode[] = [];
  const target = () => stack.at(-1)?.children ?? top;

  for (const node of nodes) {
    if (node.type !== "html") {
      target().push(node);
      continue;
    }
    for (const token of tokensOf(node.value)) {
      if (token.kind === "text") {
        if (token.text.trim() !== "") target().push({ type: "text", value: token.text });
      } else if (token.kind === "open") {
        if (token.tag === "br") target().push({ type: "break" });
        else stack.push({ tag: token.tag, open: token.open, raw: token.raw, children: [] });
      } else if (stack.some((one) => one.tag === token.tag)) {
        // A tag that was left open ends with the one around it.
        let closed = stack.pop();
        while (closed !== undefined) {
          target().push({
            type: "element",
            tag: closed.tag,
            open: closed.open,
            children: closed.children,
          });
          if (closed.tag === token.tag) break;
          closed = stack.pop();
        }
      } else {
        target().push({ type: "text", value: token.raw });
      }
    }
  }
  for (let left = stack.pop(); left !== undefined; left = stack.pop()) {
    target().push({ type: "element", tag: left.tag, open: left.open, children: left.children });
  }
  return top;
}

const TAG = /<!--[\s\S]*?-->|<(\/?)([a-zA-Z][a-zA-Z0-9]{0,15})((?:\s[^<>]{0,200})?)\/?>/g;

function tokensOf(html: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const found of html.matchAll(TAG)) {
    const [raw, slash, name, attributes] = found;
    if (found.index > at) tokens.push({ kind: "text", text: decode(html.slice(at, found.index)) });
    at = found.index + raw.length;
    if (name === undefined) continue;
    const tag = TAGS.find((known) => known === name.toLowerCase());
    // Anchors are for links from elsewhere into a comment; here they have no use.
    if (tag === undefined && name.toLowerCase() === "a") continue;
    if (tag === undefined) tokens.push({ kind: "text", text: raw });
    else if (slash === "/") tokens.push({ kind: "close", tag, raw });
    else tokens.push({ kind: "open", tag, open: /\sopen\b/.test(attributes ?? ""), raw });
  }
  if (at < html.length) tokens.push({ kind: "text", text: decode(html.slice(at)) });
  return tokens;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": "\u00a0",
  "&amp;": "&",
};

function decode(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
