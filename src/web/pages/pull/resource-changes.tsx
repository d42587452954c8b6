import type { ReactElement } from "react";
import type { ResourceAction, ResourceChange } from "../../../contract/work.ts";

/** Rendering more makes the page slow; the plan in full has the rest. */
const SHOWN_MAX = 500;

/** What can destroy something comes first. */
const ACTIONS: Readonly<
  Record<ResourceAction, { readonly sign: string; readonly word: string; readonly rank: number }>
> = {
  delete: { sign: "−", word: "destroy", rank: 0 },
  replace: { sign: "±", word: "replace", rank: 1 },
  update: { sign: "~", word: "update", rank: 2 },
  create: { sign: "+", word: "create", rank: 3 },
  import: { sign: "↓", word: "import", rank: 4 },
  move: { sign: "→", word: "move", rank: 5 },
  forget: { sign: "×", word: "forget", rank: 6 },
  read: { sign: "·", word: "read", rank: 7 },
};

export function ResourceChanges(props: {
  readonly changes: readonly ResourceChange[];
}): ReactElement {
  const sorted = props.changes.toSorted((a, b) => ACTIONS[a.action].rank - ACTIONS[b.action].rank);
  const shown = sorted.slice(0, SHOWN_MAX);
  return (
    <div>
      <ul className="changes" aria-label="Resources that change">
        {shown.map((change) => {
          const { sign, word } = ACTIONS[change.action];
          return (
            <li key={`${change.action} ${change.address}`} data-action={change.action}>
              <span className="sign" aria-hidden="true">
                {sign}
              </span>
              <span className="action">{word}</span>
              <code>{change.address}</code>
              {change.replacePaths.length === 0 ? null : (
                <span className="forces">
                  forced by <code>{change.replacePaths.join(", ")}</code>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {sorted.length > shown.length ? (
        <p className="muted small">{sorted.length - shown.length} more are in the plan.</p>
      ) : null}
    </div>
  );
}
