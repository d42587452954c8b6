import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { LockView } from "../../contract/views.ts";
import { ask } from "../data/ask.ts";
import { useSay } from "../parts/announcer.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";

/** Somebody in the queue of a dirspace whose place is to be given up. */
export interface Leaving {
  readonly lock: LockView;
  readonly number: number;
}

/** Who waits for the dirspace, with each one's position, and a way to end the waiting. */
export function WaitingList(props: {
  readonly lock: LockView;
  readonly onLeave: (leaving: Leaving) => void;
}): ReactElement {
  const { lock } = props;
  if (lock.waiting.length === 0) return <span className="muted">nobody waits</span>;
  return (
    <ol className="waiting">
      {lock.waiting.map((number, at) => (
        <li key={number}>
          <PullLink lock={lock} number={number} />{" "}
          <span className="muted small nowrap">
            {at + 1} of {lock.waiting.length}
          </span>{" "}
          {lock.local ? (
            <button
              type="button"
              className="button small"
              aria-label={`End the waiting of #${number} for ${lock.dir} ${lock.workspace}`}
              onClick={() => props.onLeave({ lock, number })}
            >
              End
            </button>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

/** `unlock` gives up the place, and with it what the pull request owns. */
export function LeaveDialog(props: Leaving & { readonly onClose: () => void }): ReactElement {
  const { lock, number, onClose } = props;
  const say = useSay();
  const leave = useMutation({
    mutationFn: () =>
      ask("command", { repository: lock.repositoryId, number }, { command: "terrane unlock" }),
    onSuccess: () => {
      say(`Asked to end the waiting of #${number}`);
      onClose();
    },
  });
  return (
    <Dialog title={`End the waiting of pull request #${number}?`} onClose={onClose}>
      <p>
        It waits for <span className="dir">{lock.dir}</span>{" "}
        <span className="workspace">{lock.workspace}</span>, position{" "}
        {lock.waiting.indexOf(number) + 1} of {lock.waiting.length}. Its place is given up for all
        of its dirspaces, and whatever it owns is let go.
      </p>
      <p>
        <code>terrane apply</code> there gives it a new place, at the end.
      </p>
      {leave.error === null ? null : <ErrorNote error={leave.error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Let it wait
        </button>
        <button
          type="button"
          className="button danger"
          disabled={leave.isPending}
          onClick={() => leave.mutate()}
        >
          End the waiting
        </button>
      </div>
    </Dialog>
  );
}

export function PullLink(props: {
  readonly lock: LockView;
  readonly number: number;
  readonly row?: boolean;
}): ReactElement {
  return (
    <Link
      to="/repositories/$repository/pulls/$number"
      params={{ repository: props.lock.repositoryId, number: String(props.number) }}
      {...(props.row ? { "data-row": true } : {})}
    >
      #{props.number}
    </Link>
  );
}
