import { memo, type ReactElement } from "react";
import type { DirspaceView, PullRequestDetail } from "../../../contract/views.ts";
import { COUNT_COLUMNS, Counts } from "../../parts/counts.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Phase } from "../../parts/phase.tsx";
import { plainWords, Words } from "../../parts/words.tsx";
import { DirspacePanel } from "./dirspace-panel.tsx";

export const DirspaceRow = memo(function DirspaceRow(props: {
  readonly dirspace: DirspaceView;
  readonly pull: PullRequestDetail;
  readonly open: boolean;
  readonly onToggle: (key: string) => void;
}): ReactElement {
  const { dirspace, open } = props;
  const panelId = `panel ${dirspace.key}`.replaceAll(" ", "-");
  return (
    <>
      <tr id={dirspace.key} className={open ? "dirspace open" : "dirspace"}>
        <th scope="row">
          <button
            type="button"
            className="unfold"
            data-row
            aria-expanded={open}
            aria-controls={panelId}
            onClick={() => props.onToggle(dirspace.key)}
          >
            <Icon name="chevron" size={14} />
            <span className="names">
              <span className="dir">{dirspace.dir}</span>{" "}
              <span className="workspace">{dirspace.workspace}</span>
              {dirspace.lockedBy.length > 0 ? (
                <span
                  className="locked"
                  title={lockWords(dirspace, props.pull)}
                  {...(isLockedByOthers(dirspace, props.pull) ? {} : { "data-own": true })}
                >
                  <Icon name="lock" size={12} />
                  <span className="visually-hidden">{lockWords(dirspace, props.pull)}</span>
                </span>
              ) : null}
            </span>
          </button>
          {dirspace.counts === null ? null : (
            <span className="narrow-only narrow-counts">
              <Counts counts={dirspace.counts} />
            </span>
          )}
        </th>
        <td>
          <Phase phase={dirspace.phase} />
        </td>
        {COUNT_COLUMNS.map(({ key }) => {
          const n = dirspace.counts?.[key];
          return (
            <td
              key={key}
              className="right count-column number"
              {...(n ? { "data-count": key } : {})}
            >
              {n === undefined ? "" : n}
            </td>
          );
        })}
        <td className="wide-only why">
          <span title={plainWords(whyOf(dirspace))}>
            <Words text={whyOf(dirspace)} />
          </span>
        </td>
      </tr>
      <tr id={panelId} className="panel-row" hidden={!open}>
        <td colSpan={7}>{open ? <DirspacePanel dirspace={dirspace} pull={props.pull} /> : null}</td>
      </tr>
    </>
  );
});

/** The one thing that a reader of the row wants to know most. */
function whyOf(dirspace: DirspaceView): string {
  if (dirspace.failure !== null) return dirspace.failure.message;
  if (dirspace.staleBecause !== null) return dirspace.staleBecause;
  if (dirspace.waitingFor.length > 0)
    return `Waits for ${dirspace.waitingFor.map((key) => `\`${key}\``).join(", ")}`;
  return dirspace.because.join("; ");
}

function isLockedByOthers(dirspace: DirspaceView, pull: PullRequestDetail): boolean {
  return dirspace.lockedBy.some(({ number }) => number !== pull.number);
}

function lockWords(dirspace: DirspaceView, pull: PullRequestDetail): string {
  const names = dirspace.lockedBy.map(({ number }) =>
    number === pull.number ? "this pull request" : `#${number}`,
  );
  return `Locked by ${names.join(", ")}`;
}
