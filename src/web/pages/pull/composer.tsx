import { type KeyboardEvent, type ReactElement, type RefObject, useId, useState } from "react";
import type { PullRequestDetail } from "../../../contract/views.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import type { Acting } from "./act.ts";
import { lineAt, type Suggestion, suggestionsFor } from "./completion.ts";

export interface Draft {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly box: RefObject<HTMLTextAreaElement | null>;
  /** Writes a command into the box and puts the cursor behind it. */
  readonly offer: (command: string) => void;
}

/** A comment, which may be a command. */
export function Composer(props: {
  readonly pull: PullRequestDetail;
  readonly draft: Draft;
  readonly acting: Acting;
}): ReactElement {
  const { pull, draft, acting } = props;
  const dirs = [...new Set(pull.dirspaces.map(({ dir }) => dir))];
  const ids = { hint: useId(), list: useId(), box: useId() };
  const completion = useCompletion(draft, dirs);

  const send = async () => {
    const text = draft.text.trim();
    if (text === "" || acting.pending) return;
    const sent = await acting.act({ name: "comment", body: { body: text } }, "Comment sent");
    if (sent) draft.setText("");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (completion.onKey(event.key)) {
      event.preventDefault();
    }
  };
  const active = completion.shown[completion.at];

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label htmlFor={ids.box} className="composer-label">
        Comment or command
      </label>
      <div className="composer-box">
        <textarea
          id={ids.box}
          ref={draft.box}
          data-composer
          role="combobox"
          rows={3}
          maxLength={60_000}
          value={draft.text}
          placeholder="terrane plan"
          aria-expanded={completion.shown.length > 0}
          aria-controls={ids.list}
          aria-autocomplete="list"
          aria-describedby={ids.hint}
          {...(active === undefined
            ? {}
            : { "aria-activedescendant": `${ids.list}-${completion.at}` })}
          onChange={(event) => {
            draft.setText(event.target.value);
            completion.look(event.target.value, event.target.selectionStart);
          }}
          onKeyDown={onKeyDown}
          onBlur={completion.close}
        />
        <Suggestions id={ids.list} completion={completion} />
      </div>
      {acting.error === null ? null : <ErrorNote error={acting.error} />}
      <Foot
        hintId={ids.hint}
        label="Comment"
        disabled={acting.pending || draft.text.trim() === ""}
      />
    </form>
  );
}

function Suggestions(props: {
  readonly id: string;
  readonly completion: Completion;
}): ReactElement {
  const { shown, at: chosen, take } = props.completion;
  return (
    <ul
      id={props.id}
      className="suggestions"
      aria-label="Commands"
      role="listbox"
      hidden={shown.length === 0}
    >
      {shown.map((suggestion, at) => (
        <li
          key={suggestion.line}
          id={`${props.id}-${at}`}
          role="option"
          aria-selected={at === chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            take(suggestion);
          }}
        >
          <code>{suggestion.line}</code>
          <span>{suggestion.about}</span>
        </li>
      ))}
    </ul>
  );
}

function Foot(props: {
  readonly hintId: string;
  readonly label: string;
  readonly disabled: boolean;
}): ReactElement {
  return (
    <div className="composer-foot">
      <span id={props.hintId} className="muted small">
        <kbd>Tab</kbd> completes <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends
      </span>
      <button type="submit" className="button primary" disabled={props.disabled}>
        {props.label}
      </button>
    </div>
  );
}

interface Completion {
  readonly shown: readonly Suggestion[];
  readonly at: number;
  readonly look: (text: string, cursor: number) => void;
  readonly take: (suggestion: Suggestion) => void;
  /** True when the key was for the list. */
  readonly onKey: (key: string) => boolean;
  readonly close: () => void;
}

function useCompletion(draft: Draft, dirs: readonly string[]): Completion {
  const [shown, setShown] = useState<readonly Suggestion[]>([]);
  const [at, setAt] = useState(0);
  const look = (text: string, cursor: number) => {
    setShown(suggestionsFor(lineAt(text, cursor).line, dirs));
    setAt(0);
  };
  const take = (suggestion: Suggestion) => {
    const box = draft.box.current;
    if (box === null) return;
    const next = lineAt(draft.text, box.selectionStart).replace(suggestion.line);
    draft.setText(next.text);
    setShown([]);
    window.requestAnimationFrame(() => box.setSelectionRange(next.cursor, next.cursor));
  };
  const onKey = (key: string): boolean => {
    const active = shown[at];
    if (active === undefined) return false;
    if (key === "ArrowDown") setAt((at + 1) % shown.length);
    else if (key === "ArrowUp") setAt((at + shown.length - 1) % shown.length);
    else if (key === "Tab" || key === "Enter") take(active);
    else if (key === "Escape") setShown([]);
    else return false;
    return true;
  };
  return { shown, at, look, take, onKey, close: () => setShown([]) };
}
