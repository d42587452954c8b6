import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { count } from "../../../base/text.ts";
import type { DestructiveView, RunUnitView, RunView } from "../../../contract/views.ts";
import { useOutput } from "../../data/output.ts";
import { runQuery } from "../../data/queries.ts";
import { Badge } from "../../parts/badge.tsx";
import { Ago, Lasted } from "../../parts/clock.tsx";
import { Counts } from "../../parts/counts.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { JobWait } from "../../parts/job-wait.tsx";
import { LogView } from "../../parts/log/log-view.tsx";
import { Empty, Page } from "../../parts/page.tsx";
import { RUN_KINDS, RunState, UNIT_STATES } from "../../parts/run-state.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { shortSha } from "../../parts/text.ts";
import { duration } from "../../parts/time.ts";
import { WhyOf } from "../../parts/why.tsx";
import { Words } from "../../parts/words.tsx";
import { ResourceChanges } from "../pull/resource-changes.tsx";

export function RunPage(): ReactElement {
  const { run: id } = useParams({ from: "/runs/$run" });
  const run = useQuery(runQuery(id));
  if (run.data !== undefined) return <Loaded run={run.data} />;
  return (
    <Page title="Run" wide>
      {run.error === null ? (
        <Skeleton rows={10} label="The run is loading" />
      ) : (
        <ErrorNote error={run.error} onRetry={() => void run.refetch()} />
      )}
    </Page>
  );
}

function Loaded(props: { readonly run: RunView }): ReactElement {
  const { run } = props;
  const { unit: wanted } = useSearch({ from: "/runs/$run" });
  const unit = run.unitList.find(({ key }) => key === wanted) ?? firstOf(run.unitList);
  return (
    <Page
      wide
      title={`${RUN_KINDS[run.kind]} ${run.number} · ${run.repository} #${run.pullRequest}`}
      heading={
        <>
          {RUN_KINDS[run.kind]} <span className="muted">{run.number}</span>
        </>
      }
      actions={<RunState run={run} />}
    >
      <About run={run} />
      <JobWait run={run} />
      {run.message === null ? null : (
        <div className="note" data-tone="warn">
          <Icon name="alert" />
          <p className="pre">
            <Words text={run.message} />
          </p>
        </div>
      )}
      {unit === undefined ? (
        <Empty title="No dirspace">
          <p>This run has nothing to work on.</p>
        </Empty>
      ) : (
        <div className="run">
          <Units run={run} chosen={unit.key} />
          <Output key={unit.key} run={run} unit={unit} />
        </div>
      )}
    </Page>
  );
}

/** What a reader came for: what failed, else what runs, else the first. */
function firstOf(units: readonly RunUnitView[]): RunUnitView | undefined {
  return (
    units.find(({ state }) => state === "failed" || state === "unknown") ??
    units.find(({ state }) => state === "running" || state === "granted") ??
    units[0]
  );
}

function About(props: { readonly run: RunView }): ReactElement {
  const { run } = props;
  return (
    <p className="about">
      <Link
        to="/repositories/$repository/pulls/$number"
        params={{ repository: run.repositoryId, number: String(run.pullRequest) }}
      >
        {run.repository} #{run.pullRequest}
      </Link>
      <span>
        <Icon name="commit" size={14} /> <code title={run.headSha}>{shortSha(run.headSha)}</code>
      </span>
      <span>{run.actor === null ? "started by itself" : `asked by ${run.actor}`}</span>
      <span>
        <Ago at={run.createdAt} />
      </span>
      <span>
        waited <Lasted from={run.createdAt} to={run.claimedAt ?? run.endedAt} />
      </span>
      {run.claimedAt === null ? null : (
        <span>
          {run.endedAt === null ? "running for" : "took"}{" "}
          <Lasted from={run.claimedAt} to={run.endedAt} />
        </span>
      )}
      {run.ciUrl === null || !/^https?:/.test(run.ciUrl) ? null : (
        <a href={run.ciUrl} rel="noreferrer">
          CI job <Icon name="external" size={12} />
        </a>
      )}
    </p>
  );
}

function Units(props: { readonly run: RunView; readonly chosen: string }): ReactElement {
  const { run } = props;
  return (
    <nav className="units" aria-label="Dirspaces of this run">
      <p className="units-head">
        {run.unitsEnded} of {count(run.units, "dirspace")}
        {run.unitsFailed > 0 ? <span className="bad"> · {run.unitsFailed} failed</span> : null}
      </p>
      <ul>
        {run.unitList.map((unit) => {
          const word = UNIT_STATES[unit.standing];
          return (
            <li key={unit.key}>
              <Link
                to="/runs/$run"
                params={{ run: run.id }}
                search={{ unit: unit.key }}
                replace
                resetScroll={false}
                data-row
                className="unit"
                aria-current={unit.key === props.chosen ? "true" : undefined}
              >
                <span className="unit-icon" data-tone={word.tone}>
                  <Icon name={word.icon} />
                </span>
                <span className="unit-name">
                  <span className="dir">{unit.dir}</span>
                  <span className="workspace">{unit.workspace}</span>
                </span>
                <span className="unit-about">
                  {word.label}
                  {unit.durationMs === null ? null : ` · ${duration(unit.durationMs)}`}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Output(props: { readonly run: RunView; readonly unit: RunUnitView }): ReactElement {
  const { run, unit } = props;
  const output = useOutput(run.id, unit.key);
  const name = `${unit.dir} ${unit.workspace}`;
  return (
    <div className="run-output">
      <div className="run-unit">
        <h2>
          <span className="dir">{unit.dir}</span>{" "}
          <span className="workspace">{unit.workspace}</span>
        </h2>
        <Badge word={UNIT_STATES[unit.standing]} />
        {unit.counts === null ? null : <Counts counts={unit.counts} />}
        <Link
          className="button small push"
          to="/repositories/$repository/pulls/$number"
          params={{ repository: run.repositoryId, number: String(run.pullRequest) }}
          hash={unit.key}
        >
          In the pull request <Icon name="arrow" size={14} />
        </Link>
      </div>
      {unit.destructive === undefined ? null : <Destructive of={unit.destructive} />}
      {unit.failure === null ? null : (
        <div className="note" data-tone="bad">
          <Icon name="alert" />
          <div>
            <p className="note-title pre">
              <Words text={unit.failure.message} />
            </p>
            <p className="muted">
              Step {unit.failure.step}
              {unit.failure.exitCode === null ? "" : `, exit code ${unit.failure.exitCode}`}
              {unit.failure.signal === null ? "" : `, signal ${unit.failure.signal}`}
            </p>
          </div>
        </div>
      )}
      <WhyOf repository={run.repositoryId} number={run.pullRequest} dirspace={unit.key} />
      <LogView
        output={output}
        label={`Output of ${name}`}
        fileName={`run-${run.number}-${name.replace(/[^A-Za-z0-9._-]+/g, "-")}.log`}
      />
    </div>
  );
}

/** Above the output, because nobody finds it in there. */
function Destructive(props: { readonly of: DestructiveView }): ReactElement {
  const { total, changes } = props.of;
  return (
    <details className="fold" open={total <= 3}>
      <summary>{count(total, "resource")} replaced or destroyed</summary>
      <ResourceChanges changes={changes} />
      {total > changes.length ? (
        <p className="muted small">{total - changes.length} more are in the output.</p>
      ) : null}
    </details>
  );
}
