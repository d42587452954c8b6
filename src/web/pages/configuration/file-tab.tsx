import { type ReactElement, useMemo } from "react";
import { useSay } from "../../parts/announcer.tsx";
import type { EditorHandle } from "../../parts/editor/editor.tsx";
import { LazyEditor } from "../../parts/editor/lazy.tsx";
import type { Mark } from "../../parts/editor/marks.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import type { Check } from "./check.ts";
import type { Draft } from "./draft.ts";
import { FindingList, findingWords, replacementOf } from "./findings.tsx";

const KEYS = "F8 goes to the next finding. Escape, then Tab leaves the editor.";

export function FileTab(props: {
  readonly path: string;
  readonly branch: string;
  readonly isNew: boolean;
  readonly draft: Draft;
  readonly check: Check;
  readonly onReady: (handle: EditorHandle | undefined) => void;
  readonly goTo: (line: number, column: number) => void;
  readonly replace: (mark: Mark, by: string) => void;
}): ReactElement {
  const { check, draft, path } = props;
  const { findings } = check;
  const marks = useMemo(
    (): readonly Mark[] =>
      findings
        .filter((finding) => finding.line > 0 && finding.file === path)
        .map((finding) => ({ ...finding, replacement: replacementOf(finding) })),
    [findings, path],
  );
  return (
    <section className="configuration-file" aria-label="File">
      <FileNote branch={props.branch} path={path} isNew={props.isNew} draft={draft} />
      <LazyEditor
        label={`Configuration, ${path}`}
        description={KEYS}
        value={draft.text}
        onChange={draft.set}
        marks={marks}
        onReady={props.onReady}
      />
      <div className="bar">
        <CheckState check={check} />
        <p className="muted small editor-keys">
          <kbd>F8</kbd> next finding · <kbd>Esc</kbd> <kbd>Tab</kbd> leave the editor
        </p>
      </div>
      {check.error === null ? null : <ErrorNote error={check.error} onRetry={check.retry} />}
      {findings.length === 0 ? null : (
        <FindingList
          label="Findings"
          findings={findings}
          path={path}
          goTo={props.goTo}
          onReplace={props.replace}
        />
      )}
      <BringIn path={path} draft={draft} />
    </section>
  );
}

function FileNote(props: {
  readonly path: string;
  readonly branch: string;
  readonly isNew: boolean;
  readonly draft: Draft;
}): ReactElement | null {
  const { branch, draft, path } = props;
  if (draft.isOutdated) {
    return (
      <div className="note" data-tone="warn">
        <Icon name="alert" />
        <div>
          <p className="note-title">
            <code>{path}</code> changed on <code>{branch}</code> since you began this draft
          </p>
          <p>Copy what you want to keep, then begin again from the file as it is now.</p>
        </div>
      </div>
    );
  }
  if (!props.isNew) return null;
  return (
    <div className="note" data-tone="neutral">
      <Icon name="info" />
      <div>
        <p className="note-title">
          There is no configuration file on <code>{branch}</code>, so the defaults count
        </p>
        <p>
          The tab Effective lists them. What you write here can become <code>{path}</code>.
        </p>
      </div>
    </div>
  );
}

function CheckState(props: { readonly check: Check }): ReactElement {
  const { errors, warnings, isBusy, withoutTree, error } = props.check;
  const tone = errors > 0 ? "bad" : warnings > 0 ? "warn" : "good";
  const words = findingWords(errors, warnings);
  return (
    <p
      className="check-state"
      role="status"
      data-tone={isBusy || error !== null ? "neutral" : tone}
    >
      <Icon name={isBusy ? "spinner" : tone === "good" ? "check" : "alert"} size={14} />
      {error !== null ? "Not checked" : isBusy ? "Checking" : words}
      {withoutTree === undefined ? null : (
        <span className="muted"> · not against the files: {withoutTree.replaceAll("`", "")}</span>
      )}
    </p>
  );
}

/** Nothing is saved from here: the file has one way into the repository, which is a reviewed change. */
function BringIn(props: { readonly path: string; readonly draft: Draft }): ReactElement | null {
  const { draft, path } = props;
  const say = useSay();
  if (!draft.isChanged) return null;
  const copy = () => {
    navigator.clipboard.writeText(draft.text).then(
      () => say("Copied the draft"),
      () => say("The browser did not permit to copy"),
    );
  };
  return (
    <div className="bring-in">
      <p className="muted">
        A draft stays in this tab of your browser. To have it count, commit it as{" "}
        <code>{path}</code> on a branch and open a pull request.
      </p>
      <div className="buttons">
        <button type="button" className="button" onClick={copy}>
          <Icon name="copy" size={14} /> Copy the draft
        </button>
        <button type="button" className="button" onClick={draft.reset}>
          <Icon name="stale" size={14} /> Begin again
        </button>
      </div>
    </div>
  );
}
