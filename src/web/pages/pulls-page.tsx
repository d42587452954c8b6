import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { LISTED_MAX } from "../../base/listed-max.ts";
import type { PullRequestSummary } from "../../contract/views.ts";
import { pullRequestsQuery } from "../data/queries.ts";
import { Ago } from "../parts/clock.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Choices, FilterBox, matches } from "../parts/filter.tsx";
import { Icon } from "../parts/icon.tsx";
import { ListEnd } from "../parts/list-end.tsx";
import { Empty, Page } from "../parts/page.tsx";
import { Progress } from "../parts/progress.tsx";
import { pullWord } from "../parts/pull-state.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { type PullStateFilter, pullsSearch } from "../search.ts";
import { FirstPullRequest } from "./first-pull-request.tsx";
import { SetUpLinks } from "./setup/set-up-links.tsx";

export function PullsPage(): ReactElement {
  const { q = "", state = "open" } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const pulls = useQuery(pullRequestsQuery());
  const found = (pulls.data ?? []).filter((pull) => q === "" || matches(q, textsOf(pull)));
  const shown = found.filter((pull) => isIn(pull, state));
  const number = (value: PullStateFilter) => found.filter((pull) => isIn(pull, value)).length;
  const go = (search: { q?: string; state?: PullStateFilter }) =>
    void navigate({
      search: (old) => pullsSearch({ ...old, ...search }),
      replace: true,
      resetScroll: false,
    });

  return (
    <Page
      title="Pull requests"
      actions={
        <Link to="/new" className="button primary">
          <Icon name="plus" /> New
        </Link>
      }
    >
      <SetUpLinks />
      <div className="bar">
        <Choices
          label="State"
          value={state}
          onChange={(next) => go({ state: next })}
          choices={(["open", "merged", "closed", "all"] as const).map((value) => ({
            value,
            label: { open: "Open", merged: "Merged", closed: "Closed", all: "All" }[value],
            ...(pulls.data === undefined ? {} : { count: number(value) }),
          }))}
        />
        <FilterBox label="Filter pull requests" value={q} onChange={(next) => go({ q: next })} />
      </div>
      {pulls.error !== null ? (
        <ErrorNote error={pulls.error} onRetry={() => void pulls.refetch()} />
      ) : null}
      {pulls.isPending ? <Skeleton rows={6} label="Pull requests are loading" /> : null}
      {pulls.data === undefined ? null : shown.length > 0 ? (
        <ul className="rows" aria-label="Pull requests">
          {shown.map((pull) => (
            <Row key={`${pull.repositoryId} ${pull.number}`} pull={pull} />
          ))}
        </ul>
      ) : pulls.data.length === 0 ? (
        <FirstPullRequest />
      ) : (
        <Empty title={q === "" ? `No pull request is ${state}` : "No pull request matches"}>
          <p>
            {pulls.data.length} in total.{" "}
            <Link to="/" search={{ state: "all" }}>
              Show all
            </Link>
          </p>
        </Empty>
      )}
      <ListEnd length={pulls.data?.length} max={LISTED_MAX.pullRequests}>
        The comment of an older pull request has the link to its page.
      </ListEnd>
    </Page>
  );
}

function Row(props: { readonly pull: PullRequestSummary }): ReactElement {
  const { pull } = props;
  const word = pullWord(pull);
  return (
    <li className="row pull-row">
      <span className="row-state" data-tone={word.tone} title={word.label}>
        <Icon name={word.icon} />
        <span className="visually-hidden">{word.label}</span>
      </span>
      <div className="row-main">
        <Link
          className="row-title"
          data-row
          to="/repositories/$repository/pulls/$number"
          params={{ repository: pull.repositoryId, number: String(pull.number) }}
        >
          {pull.title}
        </Link>
        <p className="row-about">
          <span className="strong">{pull.repository}</span> #{pull.number} by {pull.author} ·{" "}
          <span className="nowrap">
            <Icon name="branch" size={12} /> {pull.headRef}
          </span>{" "}
          → {pull.baseRef} · <Ago at={pull.updatedAt} />
        </p>
      </div>
      <div className="row-side">
        {pull.locks > 0 ? (
          <Link
            to="/locks"
            search={{ q: `${pull.repository} #${pull.number}` }}
            className="lock-count"
            title={`Holds ${pull.locks} ${pull.locks === 1 ? "lock" : "locks"}`}
          >
            <Icon name="lock" size={14} />
            {pull.locks}
            <span className="visually-hidden"> locks held</span>
          </Link>
        ) : null}
        <Progress progress={pull.progress} />
      </div>
    </li>
  );
}

function isIn(pull: PullRequestSummary, state: PullStateFilter): boolean {
  return state === "all" || pull.state === state;
}

function textsOf(pull: PullRequestSummary): readonly string[] {
  return [pull.title, `#${pull.number}`, pull.repository, pull.author, pull.headRef, pull.baseRef];
}
