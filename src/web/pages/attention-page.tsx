import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { SetAsideView } from "../../contract/views.ts";
import { ask } from "../data/ask.ts";
import { setAsideQuery } from "../data/queries.ts";
import { useSay } from "../parts/announcer.tsx";
import { Badge, type Word } from "../parts/badge.tsx";
import { Ago } from "../parts/clock.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty, Page } from "../parts/page.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { failedWords } from "./failed-words.ts";

const KINDS: Readonly<Record<SetAsideView["kind"], Word>> = {
  event: {
    label: "Not decided",
    icon: "question",
    tone: "odd",
    meaning: "It happened, and what follows from it could not be worked out. Later events went on.",
  },
  effect: {
    label: "Given up",
    icon: "cross",
    tone: "bad",
    meaning: "The VCS or the CI system rejected it, so it is not tried again by itself.",
  },
};

/** What nobody tries again by himself. */
export function AttentionPage(): ReactElement {
  const failed = useQuery(setAsideQuery());
  return (
    <Page title="Attention">
      <p className="lead">
        What failed for good is not tried again by itself. Mend the cause the error names, then have
        it tried again here or with <code className="nowrap">terrane set-aside --repeat ID</code>.
      </p>
      {failed.error === null ? null : (
        <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />
      )}
      {failed.isPending ? <Skeleton rows={4} label="What failed is loading" /> : null}
      {failed.data === undefined ? null : failed.data.length > 0 ? (
        <ul className="failed-list" aria-label="What failed, newest first">
          {failed.data.map((one) => (
            <Failed key={one.id} one={one} />
          ))}
        </ul>
      ) : (
        <Empty title="Nothing needs attention">
          <p>Every event was decided, and nothing was given up.</p>
        </Empty>
      )}
    </Page>
  );
}

function Failed(props: { readonly one: SetAsideView }): ReactElement {
  const { one } = props;
  const say = useSay();
  const client = useQueryClient();
  const what = failedWords(one);
  const repeat = useMutation({
    mutationFn: () => ask("repeat", { id: one.id }),
    onSuccess: async () => {
      say(`${what} is tried again`);
      await client.invalidateQueries({ queryKey: ["set-aside"] });
    },
  });
  return (
    <li className="failed">
      <div className="failed-head">
        <h2>{what}</h2>
        <button
          type="button"
          className="button small"
          disabled={repeat.isPending}
          aria-label={`Try again: ${what} of ${one.repository} #${one.pullRequest}`}
          onClick={() => repeat.mutate()}
        >
          <Icon name="stale" size={14} /> Try again
        </button>
      </div>
      <p className="failed-about">
        <Badge word={KINDS[one.kind]} />
        <Where one={one} />
        <span>
          since <Ago at={one.since} />
        </span>
        {one.attempts > 0 ? (
          <span>
            {one.attempts} {one.attempts === 1 ? "try" : "tries"}
          </span>
        ) : null}
        <span className="failed-id">
          <code>{one.id}</code>
          <CopyButton text={`terrane set-aside --repeat ${one.id}`} what="the command" />
        </span>
      </p>
      {one.error === "" ? null : <pre className="failed-error">{one.error}</pre>}
      {repeat.error === null ? null : <ErrorNote error={repeat.error} />}
    </li>
  );
}

function Where(props: { readonly one: SetAsideView }): ReactElement {
  const { repository, repositoryId, pullRequest } = props.one;
  const text = `${repository} #${pullRequest}`;
  if (repositoryId === undefined) return <span>{text}</span>;
  return (
    <Link
      to="/repositories/$repository/pulls/$number"
      params={{ repository: repositoryId, number: String(pullRequest) }}
      data-row
    >
      {text}
    </Link>
  );
}
