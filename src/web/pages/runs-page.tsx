import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { LISTED_MAX } from "../../base/listed-max.ts";
import type { RunSummary } from "../../contract/views.ts";
import { runsQuery } from "../data/queries.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Choices, FilterBox, matches } from "../parts/filter.tsx";
import { ListEnd } from "../parts/list-end.tsx";
import { Empty, Page } from "../parts/page.tsx";
import { RUN_KINDS, runWord } from "../parts/run-state.tsx";
import { RunTable } from "../parts/run-table.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { type RunFilter, runsSearch } from "../search.ts";

export function RunsPage(): ReactElement {
  const { q = "", show } = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const runs = useQuery(runsQuery());
  const found = (runs.data ?? []).filter((run) => q === "" || matches(q, textsOf(run)));
  const shown = found.filter((run) => isIn(run, show));
  const go = (search: { q?: string; show?: RunFilter | undefined }) =>
    void navigate({
      search: (old) => runsSearch({ ...old, ...search }),
      replace: true,
      resetScroll: false,
    });

  return (
    <Page title="Runs">
      <div className="bar">
        <Choices<RunFilter | "all">
          label="State"
          value={show ?? "all"}
          onChange={(next) => go({ show: next === "all" ? undefined : next })}
          choices={(["all", "active", "failed"] as const).map((value) => ({
            value,
            label: { all: "All", active: "Active", failed: "Failed" }[value],
            ...(runs.data === undefined
              ? {}
              : { count: found.filter((run) => isIn(run, value)).length }),
          }))}
        />
        <FilterBox label="Filter runs" value={q} onChange={(next) => go({ q: next })} />
      </div>
      {runs.error === null ? null : (
        <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />
      )}
      {runs.isPending ? <Skeleton rows={8} label="Runs are loading" /> : null}
      {runs.data === undefined ? null : shown.length > 0 ? (
        <RunTable runs={shown} withPullRequest />
      ) : runs.data.length === 0 ? (
        <Empty title="No run yet">
          <p>A run starts when a pull request is planned or applied.</p>
        </Empty>
      ) : (
        <Empty title="No run matches">
          <p>
            {runs.data.length} in total. <Link to="/runs">Show all</Link>
          </p>
        </Empty>
      )}
      <ListEnd length={runs.data?.length} max={LISTED_MAX.runs}>
        Older runs are on the page of their pull request.
      </ListEnd>
    </Page>
  );
}

function isIn(run: RunSummary, show: RunFilter | "all" | undefined): boolean {
  if (show === "active") return run.state !== "ended";
  return show !== "failed" || runWord(run).tone === "bad" || run.outcome === "lost";
}

function textsOf(run: RunSummary): readonly string[] {
  return [
    `${run.repository} #${run.pullRequest}`,
    RUN_KINDS[run.kind],
    runWord(run).label,
    run.actor ?? "automatic",
    run.headSha,
    `run ${run.number}`,
  ];
}
