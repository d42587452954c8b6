import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { LockView } from "../../contract/views.ts";
import { ask } from "../data/ask.ts";
import { locksQuery } from "../data/queries.ts";
import { useSay } from "../parts/announcer.tsx";
import { Badge, type Word } from "../parts/badge.tsx";
import { Ago } from "../parts/clock.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { FilterBox, matches } from "../parts/filter.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty, Page } from "../parts/page.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { LeaveDialog, type Leaving, PullLink, WaitingList } from "./locks-waiting.tsx";

const BECAUSE: Readonly<Record<LockView["because"], Word>> = {
  applied: {
    label: "Applied, not merged",
    icon: "check",
    tone: "ready",
    meaning: "Its changes are applied; until it is merged the base branch does not hold them.",
  },
  merged: {
    label: "Merged, not applied",
    icon: "merge",
    tone: "warn",
    meaning:
      "The base branch holds its changes; until they are applied the infrastructure differs.",
  },
  turn: {
    label: "Its turn",
    icon: "clock",
    tone: "ready",
    meaning: "Nobody owns the dirspace; this pull request is the next that may apply it.",
  },
  waits: {
    label: "First in the queue",
    icon: "clock",
    tone: "running",
    meaning: "Nobody owns the dirspace; this pull request waits for another one of its dirspaces.",
  },
};

export function LocksPage(): ReactElement {
  const { q = "" } = useSearch({ from: "/locks" });
  const navigate = useNavigate({ from: "/locks" });
  const locks = useQuery(locksQuery());
  const [unlocking, setUnlocking] = useState<LockView>();
  const [leaving, setLeaving] = useState<Leaving>();
  const shown = (locks.data ?? []).filter((lock) => q === "" || matches(q, textsOf(lock)));

  return (
    <Page title="Locks">
      <p className="lead">
        A pull request owns a dirspace between its apply and its merge. Nobody else can apply there
        meanwhile: whoever wants to waits in a queue. Planning is always free.
      </p>
      <div className="bar">
        <FilterBox
          label="Filter locks"
          value={q}
          onChange={(next) =>
            void navigate({ search: next === "" ? {} : { q: next }, replace: true })
          }
        />
      </div>
      {locks.error === null ? null : (
        <ErrorNote error={locks.error} onRetry={() => void locks.refetch()} />
      )}
      {locks.isPending ? <Skeleton rows={5} label="Locks are loading" /> : null}
      {locks.data === undefined ? null : shown.length > 0 ? (
        <LockTable locks={shown} onUnlock={setUnlocking} onLeave={setLeaving} />
      ) : (
        <Empty title={locks.data.length === 0 ? "Nothing is locked" : "No lock matches"}>
          <p>
            {locks.data.length === 0
              ? "Every dirspace can be applied by the next pull request."
              : `${locks.data.length} in total.`}
          </p>
        </Empty>
      )}
      {leaving === undefined ? null : (
        <LeaveDialog {...leaving} onClose={() => setLeaving(undefined)} />
      )}
      {unlocking === undefined ? null : (
        <UnlockDialog
          lock={unlocking}
          all={(locks.data ?? []).filter(
            (lock) =>
              lock.repositoryId === unlocking.repositoryId &&
              lock.pullRequest === unlocking.pullRequest,
          )}
          onClose={() => setUnlocking(undefined)}
        />
      )}
    </Page>
  );
}

function LockTable(props: {
  readonly locks: readonly LockView[];
  readonly onUnlock: (lock: LockView) => void;
  readonly onLeave: (leaving: Leaving) => void;
}): ReactElement {
  return (
    <div className="table-box">
      <table className="table locks">
        <caption className="visually-hidden">Locks</caption>
        <thead>
          <tr>
            <th scope="col">Dirspace</th>
            <th scope="col">Held by</th>
            <th scope="col">Because</th>
            <th scope="col">Since</th>
            <th scope="col">Waiting, in order</th>
            <th scope="col">
              <span className="visually-hidden">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.locks.map((lock) => (
            <LockRow
              key={`${lock.repositoryId} ${lock.dir} ${lock.workspace} ${lock.pullRequest}`}
              lock={lock}
              onUnlock={props.onUnlock}
              onLeave={props.onLeave}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const APPLYING: Word = {
  label: "Applying now",
  icon: "spinner",
  tone: "running",
  meaning: "An apply runs on it; unlock waits until it has stopped.",
};

const IN_DOUBT: Word = {
  label: "Apply in doubt",
  icon: "question",
  tone: "odd",
  meaning: "Contact to its job was lost; only a forced unlock gives the apply up.",
};

function LockRow(props: {
  readonly lock: LockView;
  readonly onUnlock: (lock: LockView) => void;
  readonly onLeave: (leaving: Leaving) => void;
}): ReactElement {
  const { lock } = props;
  return (
    <tr>
      <th scope="row">
        <span className="dir">{lock.dir}</span> <span className="workspace">{lock.workspace}</span>
        <span className="cell-about">{lock.repository}</span>
      </th>
      <td>
        <PullLink lock={lock} number={lock.pullRequest} row />
        <span className="cell-about">{lock.title}</span>
      </td>
      <td>
        <Badge word={BECAUSE[lock.because]} />
        {lock.applyInFlight ? <Badge word={lock.inDoubt ? IN_DOUBT : APPLYING} /> : null}
      </td>
      <td className="nowrap">
        <Ago at={lock.since} />
      </td>
      <td>
        <WaitingList lock={lock} onLeave={props.onLeave} />
      </td>
      <td className="right">
        {lock.local ? (
          <button
            type="button"
            className="button small"
            aria-label={`Unlock ${lock.dir} ${lock.workspace}, held by #${lock.pullRequest}`}
            onClick={() => props.onUnlock(lock)}
          >
            <Icon name="unlock" size={14} /> Unlock
          </button>
        ) : (
          <span className="muted small">
            Comment {lock.inDoubt ? "force-unlock" : "unlock"} there
          </span>
        )}
      </td>
    </tr>
  );
}

const GIVES_PLACE_UP = "It owns nothing there. Its place in the queue is given up.";

const LETS_GO: Readonly<Record<LockView["because"], string>> = {
  applied:
    "Its changes are applied but not merged. The next plan of another pull request may want to undo them.",
  merged: "It is merged but not applied. The next plan there contains its changes too.",
  turn: GIVES_PLACE_UP,
  waits: GIVES_PLACE_UP,
};

/** An unlock is for a whole pull request, so the dialog names everything that it lets go. */
function UnlockDialog(props: {
  readonly lock: LockView;
  readonly all: readonly LockView[];
  readonly onClose: () => void;
}): ReactElement {
  const { lock, all, onClose } = props;
  const say = useSay();
  const inDoubt = all.some((one) => one.inDoubt);
  const [typed, setTyped] = useState("");
  const [why, setWhy] = useState("");
  const force = inDoubt && why.trim() !== "";
  const unlock = useMutation({
    mutationFn: () =>
      ask(
        "command",
        { repository: lock.repositoryId, number: lock.pullRequest },
        { command: force ? `terrane force-unlock ${typed} ${why.trim()}` : "terrane unlock" },
      ),
    onSuccess: () => {
      say(`Asked to unlock #${lock.pullRequest}`);
      onClose();
    },
  });
  return (
    <Dialog title={`Unlock pull request #${lock.pullRequest}?`} onClose={onClose}>
      <p>
        “{lock.title}” lets go of {all.length === 1 ? "one dirspace" : `${all.length} dirspaces`}:
      </p>
      <ul className="plain">
        {all.map(({ dir, workspace }) => (
          <li key={`${dir}:${workspace}`}>
            <span className="dir">{dir}</span> <span className="workspace">{workspace}</span>
          </li>
        ))}
      </ul>
      <p>
        {LETS_GO[lock.because]}{" "}
        {all.some((one) => one.applyInFlight)
          ? "An apply runs now: it is asked to stop, and the locks go when it has."
          : ""}
      </p>
      {inDoubt ? (
        <ForceFields number={lock.pullRequest} typed={typed} why={why} on={{ setTyped, setWhy }} />
      ) : null}
      {unlock.error === null ? null : <ErrorNote error={unlock.error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Keep the locks
        </button>
        <button
          type="button"
          className="button danger"
          disabled={unlock.isPending || (force && typed.trim() === "")}
          onClick={() => unlock.mutate()}
        >
          {force ? "Unlock by force" : "Unlock"}
        </button>
      </div>
    </Dialog>
  );
}

/** What it is about is typed out, and why it is done stays in the history. */
function ForceFields(props: {
  readonly number: number;
  readonly typed: string;
  readonly why: string;
  readonly on: {
    readonly setTyped: (text: string) => void;
    readonly setWhy: (text: string) => void;
  };
}): ReactElement {
  return (
    <fieldset className="force">
      <legend>Contact to an apply was lost</legend>
      <p>
        If you know that nothing works there any more, give it up by force. Without a reason it is
        asked to stop, and the locks stay until it has ended.
      </p>
      <label>
        Type {props.number} or the directory
        <input
          type="text"
          value={props.typed}
          onChange={(event) => props.on.setTyped(event.target.value)}
        />
      </label>
      <label>
        Reason
        <input
          type="text"
          value={props.why}
          onChange={(event) => props.on.setWhy(event.target.value)}
        />
      </label>
    </fieldset>
  );
}

function textsOf(lock: LockView): readonly string[] {
  return [
    `${lock.dir}:${lock.workspace}`,
    `${lock.repository} #${lock.pullRequest}`,
    lock.title,
    BECAUSE[lock.because].label,
    ...lock.waiting.map((number) => `#${number}`),
  ];
}
