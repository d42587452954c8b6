import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { RepositoryView } from "../../../contract/views.ts";
import { ask } from "../../data/ask.ts";
import { ErrorNote } from "../../parts/error-note.tsx";

/** Leads to the set-up of a repository, also of one that nothing was heard of yet. */
export function SetUpButton(props: {
  readonly fullName: string;
  readonly known: RepositoryView | undefined;
}): ReactElement | null {
  const { fullName, known } = props;
  const client = useQueryClient();
  const navigate = useNavigate();
  const adopt = useMutation({
    mutationFn: () => ask("adoptRepository", {}, { fullName }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["repositories"] });
      await navigate({ to: "/repositories/$repository/setup", params: { repository: id } });
    },
  });
  if (known?.planned === true) return null;
  if (known !== undefined) {
    return (
      <Link
        to="/repositories/$repository/setup"
        params={{ repository: known.id }}
        className="button small"
        aria-label={`Set up ${fullName}`}
      >
        Set up
      </Link>
    );
  }
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={`Set up ${fullName}`}
        disabled={adopt.isPending}
        onClick={() => adopt.mutate()}
      >
        Set up
      </button>
      {adopt.error === null ? null : <ErrorNote error={adopt.error} />}
    </>
  );
}
