import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { Fragment, memo, type ReactElement, type ReactNode, useMemo } from "react";
import { Icon, type IconName } from "../icon.tsx";
import { PlanText } from "../plan-text.tsx";
import { type MarkdownNode, type RootContent, withElements } from "./tags.ts";

/** The same as the API takes; more is not read. */
const MARKDOWN_CHARS_MAX = 70_000;
/** Deeper nesting is not a comment but an attempt to exhaust the stack. */
const DEPTH_MAX = 40;

/** Markdown as React elements: no string ever becomes HTML. */
export const Markdown = memo(function Markdown(props: { readonly text: string }): ReactElement {
  const tree = useMemo(
    () =>
      fromMarkdown(props.text.slice(0, MARKDOWN_CHARS_MAX), {
        extensions: [gfm()],
        mdastExtensions: [gfmFromMarkdown()],
      }),
    [props.text],
  );
  return <div className="markdown">{list(tree.children, 0)}</div>;
});

function list(nodes: readonly RootContent[], depth: number): ReactNode {
  return mixed(withElements(nodes), depth);
}

function mixed(nodes: readonly MarkdownNode[], depth: number): ReactNode {
  if (depth > DEPTH_MAX) return "…";
  // The position in a text that never changes in place is the only identity a node has.
  return nodes.map((node, at) => <Fragment key={at}>{render(node, depth + 1)}</Fragment>);
}

function render(node: MarkdownNode, depth: number): ReactNode {
  switch (node.type) {
    case "element": {
      const Tag = node.tag;
      return Tag === "details" ? (
        <details open={node.open}>{mixed(node.children, depth)}</details>
      ) : (
        <Tag>{mixed(node.children, depth)}</Tag>
      );
    }
    case "text":
    case "html":
      return node.value;
    case "paragraph":
      return <p>{list(node.children, depth)}</p>;
    case "heading":
      return heading(node.depth, list(node.children, depth));
    case "strong":
      return <strong>{list(node.children, depth)}</strong>;
    case "emphasis":
      return <em>{list(node.children, depth)}</em>;
    case "delete":
      return <del>{list(node.children, depth)}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "code":
      return <PlanText text={node.value} label={node.lang ? `${node.lang} code` : "Code"} />;
    case "blockquote":
      return quote(node.children, depth);
    case "list":
      return node.ordered ? (
        <ol start={node.start ?? 1}>{list(node.children, depth)}</ol>
      ) : (
        <ul>{list(node.children, depth)}</ul>
      );
    case "listItem":
      return (
        <li {...(typeof node.checked === "boolean" ? { className: "task" } : {})}>
          {typeof node.checked === "boolean" ? (
            <input type="checkbox" checked={node.checked} readOnly disabled aria-label="Done" />
          ) : null}
          {node.spread
            ? list(node.children, depth)
            : node.children.map((child, at) => (
                <Fragment key={at}>
                  {child.type === "paragraph" ? list(child.children, depth) : render(child, depth)}
                </Fragment>
              ))}
        </li>
      );
    case "link":
      return link(node.url, list(node.children, depth));
    case "image":
      // Pictures from elsewhere would tell their owner who reads this.
      return link(node.url, node.alt || node.url);
    case "table":
      return table(node, depth);
    default:
      return "children" in node ? list(node.children, depth) : null;
  }
}

/** A comment stands inside a page, below its headings. */
function heading(depth: number, content: ReactNode): ReactElement {
  if (depth <= 3) return <h3>{content}</h3>;
  if (depth === 4) return <h4>{content}</h4>;
  return <h5>{content}</h5>;
}

function link(url: string, content: ReactNode): ReactNode {
  const safe = /^(?:https?:\/\/|mailto:)/i.test(url);
  const local = /^(?:#|\/(?!\/|\\))/.test(url);
  if (!safe && !local) return content;
  return (
    <a href={url} {...(safe ? { rel: "noopener noreferrer nofollow" } : {})}>
      {content}
    </a>
  );
}

const ALERTS: Readonly<Record<string, { label: string; icon: IconName; tone: string }>> = {
  NOTE: { label: "Note", icon: "info", tone: "running" },
  TIP: { label: "Tip", icon: "info", tone: "good" },
  IMPORTANT: { label: "Important", icon: "info", tone: "odd" },
  WARNING: { label: "Warning", icon: "alert", tone: "warn" },
  CAUTION: { label: "Caution", icon: "alert", tone: "bad" },
};

function quote(children: readonly RootContent[], depth: number): ReactElement {
  const [first, ...rest] = children;
  const start = first?.type === "paragraph" ? first.children[0] : undefined;
  const mark = start?.type === "text" ? /^\[!([A-Z]+)\]\s*/.exec(start.value) : null;
  const alert = ALERTS[mark?.[1] ?? ""];
  if (
    first?.type !== "paragraph" ||
    start?.type !== "text" ||
    alert === undefined ||
    mark === null
  ) {
    return <blockquote>{list(children, depth)}</blockquote>;
  }
  const opening = [
    { ...start, value: start.value.slice(mark[0].length) },
    ...first.children.slice(1),
  ];
  return (
    <div className="note" data-tone={alert.tone}>
      <Icon name={alert.icon} />
      <div>
        <p className="note-title">{alert.label}</p>
        <p>{list(opening, depth)}</p>
        {list(rest, depth)}
      </div>
    </div>
  );
}

type Table = Extract<RootContent, { type: "table" }>;
type TableCell = Table["children"][number]["children"][number];

function table(node: Table, depth: number): ReactElement {
  const [head, ...rows] = node.children;
  const align = (at: number) => node.align?.[at] ?? undefined;
  const cell = (one: TableCell, at: number, header: boolean) => {
    const content = list(one.children, depth);
    const side = align(at);
    const style = side == null ? undefined : { textAlign: side };
    return header ? (
      <th key={at} scope="col" style={style}>
        {content}
      </th>
    ) : (
      <td key={at} style={style}>
        {content}
      </td>
    );
  };
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>{head?.children.map((one, at) => cell(one, at, true))}</tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>{row.children.map((one, column) => cell(one, column, false))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
