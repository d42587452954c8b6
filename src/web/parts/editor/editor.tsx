import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { createEcho, type Echo } from "./echo.ts";
import { type Mark, offsetOf, rangeOf, toDiagnostics } from "./marks.ts";
import { highlighting, theme } from "./theme.ts";

/** What a page can have done in the editor. */
export interface EditorHandle {
  /** Puts the cursor there and the focus into the editor. */
  goTo(line: number, column: number): void;
  replace(mark: Mark, by: string): void;
}

export interface EditorProps {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly marks: readonly Mark[];
  readonly onReady: (handle: EditorHandle | undefined) => void;
}

/**
 * An editor of YAML. It lives in a shadow root: there the library adopts a style sheet instead of writing a
 * `<style>` element, which our Content-Security-Policy refuses.
 */
export function Editor(props: EditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const [echo] = useState(createEcho);
  const { value, marks } = props;

  useEffect(() => {
    if (host.current === null) return undefined;
    const opened = open(host.current, latest, echo);
    view.current = opened;
    latest.current.onReady(handleOf(opened));
    return () => {
      latest.current.onReady(undefined);
      opened.destroy();
      view.current = undefined;
    };
  }, [echo]);
  useEffect(() => {
    const state = view.current?.state;
    if (state === undefined || echo.isEcho(value) || state.doc.toString() === value) return;
    view.current?.dispatch({ changes: { from: 0, to: state.doc.length, insert: value } });
  }, [value, echo]);
  useEffect(() => {
    const state = view.current?.state;
    if (state !== undefined) {
      view.current?.dispatch(setDiagnostics(state, toDiagnostics(state.doc, marks)));
    }
  }, [marks]);

  return <div className="editor" ref={host} data-typing />;
}

function open(
  host: HTMLElement,
  latest: { readonly current: EditorProps },
  echo: Echo,
): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const { value, marks, label, description } = latest.current;
  const state = EditorState.create({
    doc: value,
    extensions: [
      EXTENSIONS,
      EditorView.contentAttributes.of({ "aria-label": label, "aria-description": description }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        const text = update.state.doc.toString();
        echo.tell(text);
        latest.current.onChange(text);
      }),
    ],
  });
  const view = new EditorView({ parent: root, root, state });
  view.dispatch(setDiagnostics(view.state, toDiagnostics(view.state.doc, marks)));
  return view;
}

/** Long enough for everybody; any other key ends it. */
const TAB_LEAVES_MS = 60_000;

/** WCAG 2.1.2: Tab indents, but not the one after Escape, also where Escape did something else as well. */
function letTabLeave(view: EditorView): boolean {
  view.setTabFocusMode(TAB_LEAVES_MS);
  return false;
}

const EXTENSIONS: Extension = [
  lineNumbers(),
  highlightActiveLineGutter(),
  lintGutter(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  highlightActiveLine(),
  yaml(),
  indentUnit.of("  "),
  syntaxHighlighting(highlighting),
  EditorView.contentAttributes.of({ spellcheck: "false", autocapitalize: "off" }),
  Prec.highest(keymap.of([{ key: "Escape", run: letTabLeave }])),
  keymap.of([
    { key: "F8", run: nextDiagnostic },
    { key: "Shift-F8", run: previousDiagnostic },
    ...defaultKeymap,
    ...historyKeymap,
    indentWithTab,
  ]),
  theme,
];

function handleOf(view: EditorView): EditorHandle {
  return {
    goTo(line, column) {
      const at = offsetOf(view.state.doc, line, column);
      view.dispatch({
        selection: { anchor: at },
        effects: EditorView.scrollIntoView(at, { y: "center" }),
      });
      view.focus();
      view.dom.scrollIntoView({ block: "nearest" });
    },
    replace(mark, insert) {
      const { from, to } = rangeOf(view.state.doc, mark);
      view.dispatch({
        changes: { from, to, insert },
        selection: { anchor: from + insert.length },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
  };
}
