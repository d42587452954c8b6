import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { repositoriesQuery } from "../data/queries.ts";
import { Command } from "../parts/copy-button.tsx";
import { Empty } from "../parts/page.tsx";

/** What a person sees who has just started a server. */
export function FirstPullRequest(): ReactElement {
  const repositories = useQuery(repositoriesQuery());
  const local = repositories.data?.find((repository) => repository.cloneUrl !== null);
  const cloneUrl = local?.cloneUrl ?? undefined;
  if (repositories.data !== undefined && local === undefined) {
    return (
      <Empty title="No pull request yet">
        <p>
          Pull requests of a connected repository appear here when they are opened. For a repository
          on this server, make one first.
        </p>
        <p>
          <Link to="/new" className="button primary">
            Make a repository
          </Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Open your first pull request">
      <ol className="steps">
        <li>
          <h3>Get the repository</h3>
          <Command text={`git clone ${cloneUrl ?? "…"}`} what="the clone command" />
        </li>
        <li>
          <h3>Change something on a branch and push it</h3>
          <Command
            text={
              'git switch -c first-change\n# edit a .tf file\ngit commit -am "Change something"\ngit push -u origin first-change'
            }
            what="the push commands"
          />
        </li>
        <li>
          <h3>Open the pull request</h3>
          <p>
            <Link
              to="/new"
              search={local === undefined ? {} : { repository: local.id }}
              className="button primary"
            >
              Open a pull request
            </Link>
          </p>
          <p className="muted">Terrane plans what it touches and shows the answer here.</p>
        </li>
      </ol>
    </Empty>
  );
}
