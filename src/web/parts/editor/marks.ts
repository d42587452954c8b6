import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";

/** What an editor shows at a place of its text. Lines and columns count from 1. */
export interface Mark {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** What to write in the place of the marked word. */
  readonly replacement?: string | undefined;
}

/** A word as YAML has it: quoted, or up to what ends a key or value. */
const WORD = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,[\]{}]*[^\s,:[\]{}])/;

/** The offset of a line and column; one that the text no longer has is its nearest end. */
export function offsetOf(text: Text, line: number, column: number): number {
  const at = text.line(Math.max(1, Math.min(line, text.lines)));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}

/** From the place to the end of the word there, or one character, so that something is underlined. */
export function rangeOf(
  text: Text,
  mark: Pick<Mark, "line" | "column">,
): { readonly from: number; readonly to: number } {
  const from = offsetOf(text, mark.line, mark.column);
  const line = text.lineAt(from);
  const word = WORD.exec(line.text.slice(from - line.from))?.[0].length ?? 1;
  if (from < line.to) return { from, to: Math.min(from + Math.max(word, 1), line.to) };
  // At the end of a line the character before it is underlined.
  return { from: Math.max(line.from, from - 1), to: line.to };
}

export function toDiagnostics(text: Text, marks: readonly Mark[]): Diagnostic[] {
  return marks
    .map((mark): Diagnostic => {
      const { replacement } = mark;
      return {
        ...rangeOf(text, mark),
        severity: mark.severity,
        message: mark.message.replaceAll("`", ""),
        renderMessage: () => words(mark.message),
        ...(replacement === undefined
          ? {}
          : {
              actions: [
                {
                  name: `Use ${replacement}`,
                  apply: (view, from, to) =>
                    view.dispatch({ changes: { from, to, insert: replacement } }),
                },
              ],
            }),
      };
    })
    .sort((a, b) => a.from - b.from);
}

/** Sentences of the server: backquotes mark values, nothing else in them means anything. */
function words(text: string): HTMLElement {
  const element = document.createElement("span");
  for (const [at, part] of text.split("`").entries()) {
    if (at % 2 === 0) element.append(part);
    else {
      const code = document.createElement("code");
      code.textContent = part;
      element.append(code);
    }
  }
  return element;
}
