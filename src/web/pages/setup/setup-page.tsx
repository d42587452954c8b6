import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { SetupItem } from "../../../contract/setup.ts";
import { setupQuery } from "../../data/queries.ts";
import { Badge, type Word } from "../../parts/badge.tsx";
import { Command } from "../../parts/copy-button.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Words } from "../../parts/words.tsx";
import { Propose } from "./propose.tsx";

const STATES: Readonly<Record<SetupItem["state"], Word>> = {
  done: { label: "Done", icon: "check", tone: "good", meaning: "Nothing is left to do here." },
  waiting: {
    label: "Waiting",
    icon: "clock",
    tone: "neutral",
    meaning: "It has not happened yet. What is to be done stands beside it.",
  },
  wrong: {
    label: "Wrong",
    icon: "alert",
    tone: "bad",
    meaning: "It keeps Terrane from working. What mends it stands beside it.",
  },
};

/** How far the set-up of a repository is; it follows what happens by itself. */
export function SetupPage(): ReactElement {
  const { repository } = useParams({ from: "/repositories/$repository/setup" });
  const setup = useQuery(setupQuery(repository));
  const view = setup.data;
  const next = view?.items.find(({ state }) => state !== "done");
  return (
    <Page title={view === undefined ? "Set-up" : `Set-up of ${view.repository}`}>
      {setup.error === null ? null : (
        <ErrorNote error={setup.error} onRetry={() => void setup.refetch()} />
      )}
      {setup.isPending ? <Skeleton rows={6} label="The set-up is loading" /> : null}
      {view === undefined ? null : (
        <>
          <p className="lead" role="status">
            {progress(view.items)}{" "}
            {view.planned ? (
              <Link to="/" search={{ q: view.repository, state: "all" }}>
                Its pull requests
              </Link>
            ) : null}
          </p>
          {view.canPropose && lacksFiles(view.items) ? <Propose repository={repository} /> : null}
          <ol className="checklist" aria-label="Steps of the set-up">
            {view.items.map((item) => (
              <Step key={item.id} item={item} isNext={item.id === next?.id} />
            ))}
          </ol>
        </>
      )}
    </Page>
  );
}

function progress(items: readonly SetupItem[]): string {
  const done = items.filter(({ state }) => state === "done").length;
  return `${done} of ${items.length} steps are done. This page follows what happens.`;
}

/** The files that a pull request can bring. */
function lacksFiles(items: readonly SetupItem[]): boolean {
  const of = (id: SetupItem["id"]) => items.find((item) => item.id === id)?.state;
  return of("reach") === "done" && of("workflow") !== "done";
}

function Step(props: { readonly item: SetupItem; readonly isNext: boolean }): ReactElement {
  const { item, isNext } = props;
  return (
    <li className="check-step" data-state={item.state} aria-current={isNext ? "step" : undefined}>
      <div className="check-head">
        <h2>{item.title}</h2>
        <Badge word={STATES[item.state]} />
      </div>
      <p className="muted">
        <Words text={item.detail} />
      </p>
      {item.state === "done" || item.next === null ? null : (
        <p>
          <Words text={item.next} />
        </p>
      )}
      {item.state === "done" || item.command === null ? null : (
        <Command text={item.command} what={`the command for: ${item.title}`} />
      )}
      {item.url === null ? null : (
        <p>
          <a href={item.url}>{linkText(item)}</a>
        </p>
      )}
    </li>
  );
}

function linkText({ id, state }: SetupItem): string {
  if (id === "job") return "Look at the job";
  return id === "pull_request" && state !== "done" ? "Open one" : "Look at the pull request";
}
