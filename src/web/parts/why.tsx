import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import type { WhyDirspaceView } from "../../contract/why.ts";
import { whyQuery } from "../data/queries.ts";
import { ErrorNote } from "./error-note.tsx";
import { Reason, Rule } from "./reason.tsx";
import { Skeleton } from "./skeleton.tsx";

interface Of {
  readonly repository: string;
  readonly number: number;
  readonly dirspace: string;
}

/** Why one dirspace stands where it does; asked for when somebody opens it. */
export function WhyOf(props: Of): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="fold why-of"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>Why</summary>
      {open ? <Answer {...props} /> : null}
    </details>
  );
}

function Answer({ repository, number, dirspace }: Of): ReactElement {
  const why = useQuery(whyQuery(repository, number, dirspace));
  if (why.data === undefined) {
    return why.error === null ? (
      <Skeleton rows={3} label="The reasons are loading" />
    ) : (
      <ErrorNote error={why.error} onRetry={() => void why.refetch()} />
    );
  }
  const [one] = why.data.dirspaces;
  return (
    <div>
      {one === undefined ? (
        <p className="muted">The pull request no longer has this dirspace.</p>
      ) : (
        <WhyDirspace why={one} />
      )}
      <p>
        <Link
          to="/repositories/$repository/pulls/$number"
          params={{ repository, number: String(number) }}
          search={{ tab: "why", of: dirspace }}
        >
          Every decision about {dirspace}
        </Link>
      </p>
    </div>
  );
}

/** What it waits for, and by which rules it is what it is. */
export function WhyDirspace(props: { readonly why: WhyDirspaceView }): ReactElement {
  const { why } = props;
  return (
    <>
      {why.waits.length === 0 ? (
        <p>It waits for nothing: no more has to happen at this commit.</p>
      ) : (
        <ul className="why-waits" aria-label={`What ${why.key} waits for`}>
          {why.waits.map((wait, at) => (
            <li key={`${wait.code} ${at}`}>
              <p className="muted small">Waits for {wait.on.replaceAll("_", " ")}</p>
              <Reason reason={wait} />
            </li>
          ))}
        </ul>
      )}
      {why.rules.length === 0 ? (
        <p className="muted small">No rule that somebody wrote made it so: the defaults hold.</p>
      ) : (
        <ul className="why-rules small" aria-label={`Rules behind ${why.key}`}>
          {why.rules.map(({ about, rule }) => (
            <li key={about}>
              <span className="muted">Rule for {about}:</span> <Rule rule={rule} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
