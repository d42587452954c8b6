import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { RunSummary } from "../../contract/views.ts";
import { Ago, Lasted } from "./clock.tsx";
import { RUN_KINDS, RunState } from "./run-state.tsx";
import { shortSha } from "./text.ts";

export function RunTable(props: {
  readonly runs: readonly RunSummary[];
  readonly withPullRequest?: boolean;
}): ReactElement {
  return (
    <div className="table-box">
      <table className="table">
        <caption className="visually-hidden">Runs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {props.withPullRequest ? <th scope="col">Pull request</th> : null}
            <th scope="col">State</th>
            <th scope="col" className="wide-only">
              Dirspaces
            </th>
            <th scope="col" className="wide-only">
              Asked by
            </th>
            <th scope="col" className="wide-only">
              Commit
            </th>
            <th scope="col" className="right wide-only">
              Waited
            </th>
            <th scope="col" className="right wide-only">
              Took
            </th>
            <th scope="col" className="right wide-only">
              Started
            </th>
          </tr>
        </thead>
        <tbody>
          {props.runs.map((run) => (
            <Row key={run.id} run={run} withPullRequest={props.withPullRequest ?? false} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { readonly run: RunSummary; readonly withPullRequest: boolean }): ReactElement {
  const { run } = props;
  return (
    <tr>
      <th scope="row">
        <Link to="/runs/$run" params={{ run: run.id }} data-row className="cell-link">
          {RUN_KINDS[run.kind]} <span className="muted">{run.number}</span>
        </Link>
        <span className="cell-about narrow-about">
          <Ago at={run.createdAt} />
        </span>
      </th>
      {props.withPullRequest ? (
        <td>
          <Link
            to="/repositories/$repository/pulls/$number"
            params={{ repository: run.repositoryId, number: String(run.pullRequest) }}
          >
            {run.repository} #{run.pullRequest}
          </Link>
        </td>
      ) : null}
      <td>
        <RunState run={run} />
      </td>
      <td className="wide-only number">
        {run.unitsEnded} of {run.units}
        {run.unitsFailed > 0 ? <span className="bad"> · {run.unitsFailed} failed</span> : null}
      </td>
      <td className="wide-only">{run.actor ?? <span className="muted">automatic</span>}</td>
      <td className="wide-only">
        <code>{shortSha(run.headSha)}</code>
      </td>
      <td className="right wide-only nowrap">
        <Lasted from={run.createdAt} to={run.claimedAt ?? run.endedAt} />
      </td>
      <td className="right wide-only nowrap">
        {run.claimedAt === null ? (
          <span className="muted">–</span>
        ) : (
          <Lasted from={run.claimedAt} to={run.endedAt} />
        )}
      </td>
      <td className="right nowrap wide-only">
        <Ago at={run.createdAt} />
      </td>
    </tr>
  );
}
