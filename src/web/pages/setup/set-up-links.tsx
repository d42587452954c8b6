import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { repositoriesQuery } from "../../data/queries.ts";

/** As many as one looks through; the page of the App has all. */
const LINKS_MAX = 10;

/** The repositories of a forge of which nothing was planned yet, with the way to their set-up. */
export function SetUpLinks(): ReactElement | null {
  const repositories = useQuery(repositoriesQuery()).data ?? [];
  const left = repositories.filter(({ planned, cloneUrl }) => !planned && cloneUrl === null);
  if (left.length === 0) return null;
  return (
    <aside className="set-up-links" aria-label="Repositories that are being set up">
      <h2>Being set up</h2>
      <ul>
        {left.slice(0, LINKS_MAX).map(({ id, fullName }) => (
          <li key={id}>
            <Link to="/repositories/$repository/setup" params={{ repository: id }}>
              {fullName}
            </Link>
          </li>
        ))}
      </ul>
      {left.length > LINKS_MAX ? <p className="muted">and {left.length - LINKS_MAX} more</p> : null}
    </aside>
  );
}
