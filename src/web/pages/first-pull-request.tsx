import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { repositoriesQuery } from "../data/queries.ts";
import { Command } from "../parts/copy-button.tsx";
import { Empty } from "../parts/page.tsx";
import { ConnectLink } from "./apps/connect-link.tsx";

const BEGIN = `git commit --allow-empty -m "Begin"
git push origin HEAD:main`;

/** Works as it stands: nothing has to be downloaded or configured for it. */
const CHANGE = `git switch -c first-change
mkdir hello
echo 'resource "terraform_data" "hello" { input = "world" }' > hello/main.tf
git add hello
git commit -m "Say hello"
git push origin first-change`;

/** What a person sees who has just started a server. */
export function FirstPullRequest(): ReactElement {
  const repositories = useQuery(repositoriesQuery());
  const local = repositories.data?.find((repository) => repository.cloneUrl !== null);
  const cloneUrl = local?.cloneUrl ?? undefined;
  const name = local?.fullName.split("/").at(-1) ?? "repository";
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
          </Link>{" "}
          <ConnectLink />
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Open your first pull request">
      <ol className="steps">
        <li>
          <h3>Get the repository</h3>
          <Command
            text={`git clone ${cloneUrl ?? "…"} ${name}\ncd ${name}`}
            what="the clone command"
          />
        </li>
        <li>
          <h3>Give it a first commit, if it has none</h3>
          <Command text={BEGIN} what="the commands for the first commit" />
        </li>
        <li>
          <h3>Change something on a branch and push it</h3>
          <Command text={CHANGE} what="the commands for the change" />
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
      <p>
        Your repositories are elsewhere? <ConnectLink />
      </p>
    </Empty>
  );
}
