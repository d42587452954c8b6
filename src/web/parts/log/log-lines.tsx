import { memo, type ReactElement, type ReactNode } from "react";
import type { Span, Style } from "./ansi.ts";
import type { LogLine } from "./lines.ts";

/** Lines per block: the browser skips layout of blocks out of sight (`content-visibility`), React skips unchanged ones. */
const BLOCK = 200;

export function LogLines(props: {
  readonly lines: readonly LogLine[];
  readonly needle: string;
  readonly current: number | undefined;
}): ReactElement {
  const blocks: (readonly LogLine[])[] = [];
  // Blocks begin at fixed line numbers, so that cutting the top does not shift all of them.
  let start = 0;
  for (let i = 1; i <= props.lines.length; i++) {
    const line = props.lines[i];
    if (line !== undefined && line.number % BLOCK !== 0) continue;
    blocks.push(props.lines.slice(start, i));
    start = i;
  }
  return (
    <>
      {blocks.map((block) => {
        const first = block[0]?.number ?? 0;
        const here =
          props.current !== undefined && block.some(({ number }) => number === props.current);
        return (
          <Block
            key={Math.floor(first / BLOCK)}
            lines={block}
            needle={props.needle.toLowerCase()}
            current={here ? props.current : undefined}
          />
        );
      })}
    </>
  );
}

interface BlockProps {
  readonly lines: readonly LogLine[];
  readonly needle: string;
  readonly current: number | undefined;
}

const Block = memo(
  function Block(props: BlockProps): ReactElement {
    return (
      <div className="log-block">
        {props.lines.map((line) => (
          <div
            key={line.number}
            className={line.number === props.current ? "log-line current" : "log-line"}
            data-number={line.number}
          >
            <span className="log-number" aria-hidden="true" data-n={line.number} />
            <span className="log-text">
              {line.spans.map((span, at) => (
                <Piece key={at} span={span} needle={props.needle} />
              ))}
            </span>
          </div>
        ))}
      </div>
    );
  },
  (a, b) =>
    a.needle === b.needle &&
    a.current === b.current &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, at) => line === b.lines[at]),
);

function Piece(props: { readonly span: Span; readonly needle: string }): ReactNode {
  const name = classOf(props.span.style);
  const content = marked(props.span.text, props.needle);
  return name === "" ? content : <span className={name}>{content}</span>;
}

function marked(text: string, needle: string): ReactNode {
  if (needle === "") return text;
  const lower = text.toLowerCase();
  // A few letters change their length in lower case; then positions do not fit.
  if (lower.length !== text.length || !lower.includes(needle)) return text;
  const parts: ReactNode[] = [];
  let at = 0;
  for (let hit = lower.indexOf(needle); hit !== -1; hit = lower.indexOf(needle, at)) {
    parts.push(text.slice(at, hit), <mark key={hit}>{text.slice(hit, hit + needle.length)}</mark>);
    at = hit + needle.length;
  }
  parts.push(text.slice(at));
  return parts;
}

function classOf(style: Style): string {
  return [
    style.fg === undefined ? "" : `fg-${style.fg}`,
    style.bg === undefined ? "" : `bg-${style.bg}`,
    style.bold ? "bold" : "",
    style.faint ? "faint" : "",
    style.italic ? "italic" : "",
    style.underline ? "underline" : "",
    style.inverse ? "inverse" : "",
  ]
    .filter((name) => name !== "")
    .join(" ");
}
