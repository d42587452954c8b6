import { Link, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment, type ReactElement, useEffect, useState } from "react";
import { count } from "../../../base/text.ts";
import type { DirspaceView, PullRequestDetail } from "../../../contract/views.ts";
import { COUNT_COLUMNS } from "../../parts/counts.tsx";
import { Choices, FilterBox, matches } from "../../parts/filter.tsx";
import { isInGroup, PHASE_GROUP_LABELS, PHASES, type PhaseGroup } from "../../parts/phase.tsx";
import { type PhaseFilter, pullSearch } from "../../search.ts";
import { DirspaceRow } from "./dirspace-row.tsx";

const GROUPS: readonly PhaseGroup[] = ["attention", "changes", "running", "waiting", "done"];
const FILTER_FROM = 5;
const HERE = "/repositories/$repository/pulls/$number";

export function Dirspaces(props: { readonly pull: PullRequestDetail }): ReactElement {
  const { pull } = props;
  const { q = "", show } = useSearch({ from: HERE });
  const navigate = useNavigate({ from: HERE });
  const found = pull.dirspaces.filter((one) => q === "" || matches(q, textsOf(one)));
  const shown = found.filter((one) => show === undefined || isInGroup(one.phase, show));
  const go = (search: { q?: string; show?: PhaseFilter | undefined }) =>
    void navigate({
      search: (old) => pullSearch({ ...old, ...search }),
      replace: true,
      resetScroll: false,
    });
  const groups = GROUPS.filter(
    (group) => group === show || found.some((one) => isInGroup(one.phase, group)),
  );

  return (
    <section aria-labelledby="dirspaces">
      <div className="section-head">
        <h2 id="dirspaces">
          Dirspaces <span className="muted number">{pull.dirspaces.length}</span>
        </h2>
        {pull.dirspaces.length < FILTER_FROM && q === "" && show === undefined ? null : (
          <div className="bar tight">
            <Choices<PhaseFilter | "all">
              label="Phase"
              value={show ?? "all"}
              onChange={(next) => go({ show: next === "all" ? undefined : next })}
              choices={[
                { value: "all", label: "All", count: found.length },
                ...groups.map((group) => ({
                  value: group,
                  label: PHASE_GROUP_LABELS[group],
                  count: found.filter((one) => isInGroup(one.phase, group)).length,
                })),
              ]}
            />
            <FilterBox label="Filter dirspaces" value={q} onChange={(next) => go({ q: next })} />
          </div>
        )}
      </div>
      {pull.dirspaces.length === 0 ? (
        <p className="muted boxed">
          {pull.settled
            ? "This pull request touches nothing that Terrane manages."
            : "Terrane is working out what this pull request touches."}
        </p>
      ) : shown.length === 0 ? (
        <p className="muted boxed">
          No dirspace matches.{" "}
          <Link to="." search={{}} replace>
            Show all {pull.dirspaces.length}
          </Link>
        </p>
      ) : (
        <DirspaceTable dirspaces={shown} pull={pull} />
      )}
    </section>
  );
}

function DirspaceTable(props: {
  readonly dirspaces: readonly DirspaceView[];
  readonly pull: PullRequestDetail;
}): ReactElement {
  const hash = useLocation({ select: (location) => location.hash });
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set());
  const waves = [...new Set(props.pull.dirspaces.map(({ wave }) => wave))].toSorted(
    (a, b) => a - b,
  );
  const toggle = (key: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });

  // The anchor of a dirspace opens it, also when the same link is followed again.
  useEffect(() => {
    if (hash === "") return;
    setOpen((before) => new Set([...before, hash]));
    const frame = window.requestAnimationFrame(() =>
      document.getElementById(hash)?.scrollIntoView({ block: "start" }),
    );
    return () => window.cancelAnimationFrame(frame);
  }, [hash]);

  return (
    <div className="table-box">
      <table className="table dirspaces">
        <caption className="visually-hidden">
          Dirspaces of this pull request in the order of their dependencies
        </caption>
        <thead>
          <tr>
            <th scope="col">Directory and workspace</th>
            <th scope="col">Phase</th>
            {COUNT_COLUMNS.map(({ key, sign, label }) => (
              <th key={key} scope="col" className="right count-column" title={label}>
                <span aria-hidden="true">{sign}</span>
                <span className="visually-hidden">{label}</span>
              </th>
            ))}
            <th scope="col" className="wide-only">
              Why
            </th>
          </tr>
        </thead>
        {waves.map((wave) => {
          const rows = props.dirspaces.filter((one) => one.wave === wave);
          if (rows.length === 0) return null;
          return (
            <tbody key={wave}>
              {waves.length > 1 ? (
                <WaveHead wave={wave} first={wave === waves[0]} n={rows.length} />
              ) : null}
              {rows.map((dirspace) => (
                <DirspaceRow
                  key={dirspace.key}
                  dirspace={dirspace}
                  pull={props.pull}
                  open={open.has(dirspace.key)}
                  onToggle={toggle}
                />
              ))}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

function WaveHead(props: {
  readonly wave: number;
  readonly first: boolean;
  readonly n: number;
}): ReactElement {
  return (
    <tr className="wave">
      <th scope="rowgroup" colSpan={7}>
        Wave {props.wave + 1}
        <span className="muted">
          {props.first
            ? " · depends on nothing here"
            : " · each starts when what it depends on is done"}
          <Fragment> · {count(props.n, "dirspace")}</Fragment>
        </span>
      </th>
    </tr>
  );
}

function textsOf(one: DirspaceView): readonly string[] {
  return [one.key, PHASES[one.phase].label, ...one.tags, ...one.because];
}
