import type { ReactElement } from "react";
import { ApiError } from "../data/api-error.ts";
import { Icon } from "./icon.tsx";
import { Words } from "./words.tsx";

/** What happened, why, and what to do next. */
export function ErrorNote(props: {
  readonly error: Error;
  readonly onRetry?: (() => void) | undefined;
}): ReactElement {
  const { error } = props;
  const code = error instanceof ApiError ? error.code : "BUG";
  const next = error instanceof ApiError ? error.next : "Reload the page.";
  return (
    <div className="note" data-tone="bad" role="alert">
      <Icon name="alert" />
      <div>
        <p className="note-title">
          <Words text={error.message} /> <code className="code">{code}</code>
        </p>
        {next === undefined ? null : (
          <p>
            <Words text={next} />
          </p>
        )}
        {props.onRetry === undefined ? null : (
          <button type="button" className="button small" onClick={props.onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
