import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { AppInstallationView } from "../../../contract/apps.ts";
import { repositoriesQuery } from "../../data/queries.ts";
import { SetUpButton } from "../setup/set-up-button.tsx";

/** What each installation covers. How far a repository has come stands beside its name. */
export function AppRepositories(props: {
  readonly installations: readonly AppInstallationView[];
}): ReactElement | null {
  const { installations } = props;
  if (installations.length === 0) return null;
  return (
    <section className="app-repositories" aria-label="Repositories">
      <h2>Repositories</h2>
      {installations.map((one) => (
        <Installation key={one.id} installation={one} />
      ))}
    </section>
  );
}

function Installation({
  installation,
}: {
  readonly installation: AppInstallationView;
}): ReactElement {
  const { account, url, suspended, repositories } = installation;
  const known = useQuery(repositoriesQuery()).data ?? [];
  const names = repositories?.names ?? [];
  const left = (repositories?.total ?? 0) - names.length;
  return (
    <div className="card">
      <h3>
        <a href={url}>{account}</a>
        {suspended ? " (suspended)" : ""}
      </h3>
      {repositories === null ? (
        <p className="muted">Its repositories could not be listed.</p>
      ) : null}
      <ul>
        {names.map((name) => {
          const found = known.find(({ fullName }) => fullName === name);
          return (
            <li key={name}>
              {found === undefined ? (
                <>
                  {name} <span className="muted">· no pull request yet</span>
                </>
              ) : (
                <Link to="/" search={{ q: name, state: "all" }}>
                  {name}
                </Link>
              )}{" "}
              <SetUpButton fullName={name} known={found} />
            </li>
          );
        })}
      </ul>
      {left > 0 ? <p className="muted">and {left} more</p> : null}
    </div>
  );
}
