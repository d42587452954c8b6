import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect } from "react";
import { repositoriesQuery } from "../../data/queries.ts";
import { useStored } from "../../parts/stored.ts";

export const LAST_REPOSITORY = "configuration";

/** Also remembers which one was looked at last. */
export function RepositorySwitch(props: { readonly id: string }): ReactElement | null {
  const { id } = props;
  const repositories = useQuery(repositoriesQuery());
  const navigate = useNavigate();
  const [, setLast] = useStored(LAST_REPOSITORY);
  useEffect(() => setLast(id), [id, setLast]);
  const all = repositories.data ?? [];
  if (all.length < 2) return null;
  return (
    <label className="repository-switch">
      <span className="visually-hidden">Repository</span>
      <select
        value={id}
        onChange={(event) =>
          void navigate({
            to: "/repositories/$repository/configuration",
            params: { repository: event.target.value },
          })
        }
      >
        {all.map((repository) => (
          <option key={repository.id} value={repository.id}>
            {repository.fullName}
          </option>
        ))}
      </select>
    </label>
  );
}
