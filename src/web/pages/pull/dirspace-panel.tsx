import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { count } from "../../../base/text.ts";
import type { DirspaceView, PlannedWithView, PullRequestDetail } from "../../../contract/views.ts";
import { Chip } from "../../parts/badge.tsx";
import { Ago } from "../../parts/clock.tsx";
import { restInWords } from "../../parts/counts.tsx";
import { Icon } from "../../parts/icon.tsx";
import { appendToLog, EMPTY_LOG, linesOf } from "../../parts/log/lines.ts";
import { LogLines } from "../../parts/log/log-lines.tsx";
import { PlanText } from "../../parts/plan-text.tsx";
import { WhyOf } from "../../parts/why.tsx";
import { Words } from "../../parts/words.tsx";
import { ResourceChanges } from "./resource-changes.tsx";

export function DirspacePanel(props: {
  readonly dirspace: DirspaceView;
  readonly pull: PullRequestDetail;
}): ReactElement {
  const { dirspace, pull } = props;
  const rest = dirspace.counts === null ? "" : restInWords(dirspace.counts);
  return (
    <div className="panel">
      {dirspace.failure === null ? null : <FailureNote dirspace={dirspace} />}
      {dirspace.staleBecause === null ? null : (
        <div className="note" data-tone="warn">
          <Icon name="stale" />
          <p>
            <Words text={dirspace.staleBecause} />
          </p>
        </div>
      )}
      {dirspace.lockedBy.map((lock) => (
        <LockNote key={lock.number} lock={lock} pull={pull} />
      ))}
      <dl className="facts">
        <Fact name="Affected because">
          <Words text={dirspace.because.join("; ")} />
        </Fact>
        {dirspace.predecessors.length === 0 ? null : (
          <Fact name="Depends on">
            <Keys keys={dirspace.predecessors} waiting={dirspace.waitingFor} />
          </Fact>
        )}
        {dirspace.tags.length === 0 ? null : (
          <Fact name="Tags">
            {dirspace.tags.map((tag) => (
              <Chip key={tag}>{tag}</Chip>
            ))}
          </Fact>
        )}
        {dirspace.plannedWith === undefined ? null : (
          <Fact name="Planned with">{plannedWithText(dirspace.plannedWith)}</Fact>
        )}
        {rest === "" ? null : <Fact name="Also">{rest}</Fact>}
        {dirspace.planRun === null && dirspace.applyRun === null ? null : (
          <Fact name="Output">
            <RunLink run={dirspace.planRun} unit={dirspace.key} label="Plan" />{" "}
            <RunLink run={dirspace.applyRun} unit={dirspace.key} label="Apply" />
          </Fact>
        )}
      </dl>
      <WhyOf repository={pull.repositoryId} number={pull.number} dirspace={dirspace.key} />
      {dirspace.changes.length === 0 ? null : <ResourceChanges changes={dirspace.changes} />}
      {dirspace.planText === null ? null : (
        <details className="fold" open={dirspace.changes.length <= 3}>
          <summary>Plan in full</summary>
          <PlanText text={dirspace.planText} label={`Plan of ${dirspace.key}`} />
        </details>
      )}
      {dirspace.outputs.length === 0 ? null : <Outputs dirspace={dirspace} />}
    </div>
  );
}

/** Without the registry's host: who knows the provider knows where it comes from. */
function plannedWithText({ tool, providers }: PlannedWithView): string {
  const named = providers.map(({ source, version }) => {
    const name = source.split("/").slice(-2).join("/");
    return version === null ? name : `${name} ${version}`;
  });
  return [...(tool === null ? [] : [tool]), ...named].join(", ");
}

function LockNote(props: {
  readonly lock: DirspaceView["lockedBy"][number];
  readonly pull: PullRequestDetail;
}): ReactElement {
  const { lock, pull } = props;
  return (
    <div className="note" data-tone={lock.number === pull.number ? "neutral" : "warn"}>
      <Icon name="lock" />
      <p>
        Locked <Ago at={lock.since} /> by{" "}
        {lock.number === pull.number ? (
          "this pull request"
        ) : (
          <Link
            to="/repositories/$repository/pulls/$number"
            params={{ repository: pull.repositoryId, number: String(lock.number) }}
          >
            #{lock.number}
          </Link>
        )}
        : <Words text={lock.because} />
      </p>
    </div>
  );
}

function Fact(props: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Keys(props: {
  readonly keys: readonly string[];
  readonly waiting: readonly string[];
}): ReactElement {
  return (
    <ul className="keys-list">
      {props.keys.map((key) => (
        <li key={key}>
          <Link to="." search={true} hash={key} resetScroll={false}>
            {key}
          </Link>
          {props.waiting.includes(key) ? <span className="muted"> (waits for it)</span> : null}
        </li>
      ))}
    </ul>
  );
}

function RunLink(props: {
  readonly run: string | null;
  readonly unit: string;
  readonly label: string;
}): ReactElement | null {
  if (props.run === null) return null;
  return (
    <Link
      to="/runs/$run"
      params={{ run: props.run }}
      search={{ unit: props.unit }}
      className="chip link"
    >
      {props.label} output
    </Link>
  );
}

function FailureNote(props: { readonly dirspace: DirspaceView }): ReactElement | null {
  const { failure, key } = props.dirspace;
  if (failure === null) return null;
  const lines = linesOf(appendToLog(EMPTY_LOG, failure.tail));
  return (
    <div className="failure">
      <div className="note" data-tone="bad">
        <Icon name="alert" />
        <div>
          <p className="note-title pre">
            <Words text={failure.message} />
          </p>
          <p className="muted">
            Step {failure.step}
            {failure.exitCode === null ? "" : `, exit code ${failure.exitCode}`}
            {failure.signal === null ? "" : `, signal ${failure.signal}`}
          </p>
        </div>
      </div>
      {lines.length === 0 ? null : (
        <div
          className="log-lines wrap small"
          role="region"
          aria-label={`Error of ${key}`}
          tabIndex={0}
        >
          <LogLines lines={lines} needle="" current={undefined} />
        </div>
      )}
    </div>
  );
}

function Outputs(props: { readonly dirspace: DirspaceView }): ReactElement {
  const { outputs } = props.dirspace;
  return (
    <details className="fold">
      <summary>{count(outputs.length, "output")}</summary>
      <table className="small-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {outputs.map((output) => (
            <tr key={output.name}>
              <th scope="row">
                <code>{output.name}</code>
              </th>
              <td>
                {output.sensitive || output.value === null ? (
                  <span className="muted">sensitive</span>
                ) : (
                  <code>{output.value}</code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
