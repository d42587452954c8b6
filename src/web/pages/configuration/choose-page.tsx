import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { repositoriesQuery } from "../../data/queries.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Empty, Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { read } from "../../parts/stored.ts";
import { LAST_REPOSITORY } from "./repository-switch.tsx";

/** Leads on to the repository that was looked at last, else to the first. */
export function ChooseConfigurationPage(): ReactElement {
  const repositories = useQuery(repositoriesQuery());
  const all = repositories.data ?? [];
  const last = read(LAST_REPOSITORY);
  const chosen = all.find(({ id }) => id === last) ?? all[0];
  if (chosen !== undefined) {
    return (
      <Navigate
        to="/repositories/$repository/configuration"
        params={{ repository: chosen.id }}
        replace
      />
    );
  }
  return (
    <Page title="Configuration">
      {repositories.error === null ? null : (
        <ErrorNote error={repositories.error} onRetry={() => void repositories.refetch()} />
      )}
      {repositories.isPending ? <Skeleton rows={4} label="Repositories are loading" /> : null}
      {repositories.data === undefined ? null : (
        <Empty title="No repository yet">
          <p>
            A repository appears here with its first event. <Link to="/new">Make one</Link> on this
            server, or open a pull request where the app is installed.
          </p>
        </Empty>
      )}
    </Page>
  );
}
