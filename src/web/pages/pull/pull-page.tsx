import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { PullRequestDetail } from "../../../contract/views.ts";
import { pullRequestQuery, serverQuery } from "../../data/queries.ts";
import { Badge, type Word } from "../../parts/badge.tsx";
import { Ago } from "../../parts/clock.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { JobWait } from "../../parts/job-wait.tsx";
import { Page } from "../../parts/page.tsx";
import { PullState } from "../../parts/pull-state.tsx";
import { RunTable } from "../../parts/run-table.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { useStored } from "../../parts/stored.ts";
import { shortSha } from "../../parts/text.ts";
import { PULL_TABS, type PullTab } from "../../search.ts";
import { useAct } from "./act.ts";
import { useAnnouncePhases } from "./announce-phases.ts";
import { Commits } from "./commits.tsx";
import { Composer, type Draft } from "./composer.tsx";
import { Conversation } from "./conversation.tsx";
import { Changes } from "./diff-view.tsx";
import { Dirspaces } from "./dirspace-table.tsx";
import { Notice } from "./notice.tsx";
import { CommandButtons, Side } from "./side.tsx";
import { Timeline } from "./timeline.tsx";
import { WhyTab } from "./why-tab.tsx";

const HERE = "/repositories/$repository/pulls/$number";

export function PullPage(): ReactElement {
  const { repository, number } = useParams({ from: HERE });
  const pull = useQuery(pullRequestQuery(repository, Number(number)));
  const server = useQuery(serverQuery());
  if (pull.data !== undefined) {
    return <Loaded key={`${repository} ${number}`} pull={pull.data} actor={server.data?.actor} />;
  }
  return (
    <Page title={`#${number}`} wide>
      {pull.error === null ? (
        <Skeleton rows={10} label="The pull request is loading" />
      ) : (
        <ErrorNote error={pull.error} onRetry={() => void pull.refetch()} />
      )}
    </Page>
  );
}

function Loaded(props: {
  readonly pull: PullRequestDetail;
  readonly actor: string | undefined;
}): ReactElement {
  const { pull } = props;
  const { tab = "overview" } = useSearch({ from: HERE });
  const [storedAs, setAs] = useStored("as");
  const known = pull.local?.people.some(({ login }) => login === storedAs) ?? false;
  const as = known && storedAs !== null ? storedAs : undefined;
  // Two of them, so that an error stands where it was caused.
  const acting = useAct(pull, as);
  const writing = useAct(pull, as);
  const draft = useDraft();
  useAnnouncePhases(pull.dirspaces);

  return (
    <Page
      wide
      title={`${pull.title} · ${pull.repository} #${pull.number}`}
      heading={
        <>
          {pull.title} <span className="muted nowrap">#{pull.number}</span>
        </>
      }
    >
      <About pull={pull} />
      <Timeline pull={pull} />
      <div className="pull">
        <div className="pull-commands">
          {pull.local === null ? (
            <Elsewhere pull={pull} />
          ) : pull.state === "closed" ? null : (
            <CommandButtons pull={pull} acting={acting} />
          )}
        </div>
        <div className="pull-main">
          {acting.error === null ? null : (
            <div ref={reveal} className="revealed">
              <ErrorNote error={acting.error} />
            </div>
          )}
          {pull.notice === null ? null : (
            <Notice notice={pull.notice} {...(pull.local === null ? {} : { offer: draft.offer })} />
          )}
          {pull.runs.map((run) => (
            <JobWait key={run.id} run={run} />
          ))}
          <Tabs pull={pull} tab={tab} />
          <Content pull={pull} tab={tab} />
          {pull.local === null ? null : <Composer pull={pull} draft={draft} acting={writing} />}
        </div>
        <div className="pull-side">
          <Side
            pull={pull}
            acting={acting}
            as={as ?? props.actor ?? pull.local?.people[0]?.login ?? ""}
            onAs={(login) => {
              acting.forget();
              setAs(login);
            }}
          />
        </div>
      </div>
    </Page>
  );
}

/** Who comments there is known to the VCS, so commands are given there. */
function Elsewhere(props: { readonly pull: PullRequestDetail }): ReactElement | null {
  const { pull } = props;
  if (pull.state === "closed" || pull.url === null) return null;
  return (
    <a className="button" href={pull.url} rel="noreferrer">
      <Icon name="external" size={14} /> Give commands in the pull request
    </a>
  );
}

/** The button that caused it may be far below. */
function reveal(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}

function useDraft(): Draft {
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const offer = useCallback((command: string) => {
    setText(command);
    const element = box.current;
    element?.focus();
    element?.scrollIntoView({ block: "center" });
    window.requestAnimationFrame(() => element?.setSelectionRange(command.length, command.length));
  }, []);
  return useMemo(() => ({ text, setText, box, offer }), [text, offer]);
}

const WORKING: Word = {
  label: "Working",
  icon: "spinner",
  tone: "running",
  meaning: "Something runs or is being decided; this page changes by itself.",
};

function About(props: { readonly pull: PullRequestDetail }): ReactElement {
  const { pull } = props;
  return (
    <div className="about">
      <PullState pull={pull} />
      {pull.settled ? null : <Badge word={WORKING} />}
      <span className="strong">{pull.repository}</span>
      <span className="nowrap">
        <Icon name="branch" size={14} /> <code>{pull.headRef}</code> → <code>{pull.baseRef}</code>
      </span>
      <span className="nowrap">
        <Icon name="commit" size={14} /> <code title={pull.headSha}>{shortSha(pull.headSha)}</code>
        <CopyButton text={pull.headSha} what="the head commit" />
      </span>
      <span>by {pull.author}</span>
      <span>
        updated <Ago at={pull.updatedAt} />
      </span>
      {pull.locks > 0 ? (
        <Link
          to="/locks"
          search={{ q: `${pull.repository} #${pull.number}` }}
          className="lock-count"
        >
          <Icon name="lock" size={14} /> {pull.locks} {pull.locks === 1 ? "lock" : "locks"}
        </Link>
      ) : null}
      {pull.url === null || !/^https?:/.test(pull.url) ? null : (
        <a href={pull.url} rel="noreferrer">
          Open where it lives <Icon name="external" size={12} />
        </a>
      )}
    </div>
  );
}

const TAB_LABELS: Readonly<Record<PullTab, string>> = {
  overview: "Overview",
  changes: "Changes",
  commits: "Commits",
  runs: "Runs",
  why: "Why?",
};

function Tabs(props: { readonly pull: PullRequestDetail; readonly tab: PullTab }): ReactElement {
  const { pull } = props;
  const counts: Partial<Record<PullTab, number>> = {
    commits: pull.local?.commits.length ?? 0,
    runs: pull.runs.length,
    why: pull.decisions.length,
  };
  const bar = useRef<HTMLElement>(null);
  // On a narrow screen the bar scrolls, and the tab that is open would be out of sight.
  useEffect(() => {
    bar.current?.querySelector(`[data-tab="${props.tab}"]`)?.scrollIntoView({ block: "nearest" });
  }, [props.tab]);
  return (
    <nav ref={bar} className="tabs" aria-label="Views of this pull request">
      {PULL_TABS.filter((tab) => pull.local !== null || !["changes", "commits"].includes(tab)).map(
        (tab) => (
          <Link
            key={tab}
            to={HERE}
            params={{ repository: pull.repositoryId, number: String(pull.number) }}
            search={tab === "overview" ? {} : { tab }}
            resetScroll={false}
            className="tab"
            data-tab={tab}
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={tab === props.tab ? "page" : undefined}
          >
            {TAB_LABELS[tab]}
            {counts[tab] === undefined ? null : <span className="count number">{counts[tab]}</span>}
          </Link>
        ),
      )}
    </nav>
  );
}

function Content(props: { readonly pull: PullRequestDetail; readonly tab: PullTab }): ReactElement {
  const { pull, tab } = props;
  switch (tab) {
    case "overview":
      return (
        <>
          <Dirspaces pull={pull} />
          <Conversation pull={pull} />
        </>
      );
    case "changes":
      return <Changes pull={pull} />;
    case "commits":
      return <Commits commits={pull.local?.commits ?? []} />;
    case "runs":
      return pull.runs.length === 0 ? (
        <p className="muted boxed">Nothing has run yet.</p>
      ) : (
        <RunTable runs={pull.runs} />
      );
    case "why":
      return <WhyTab pull={pull} />;
  }
}
