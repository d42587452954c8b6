import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ChangeEvent, type ReactElement, useState } from "react";
import type { RepositoryView } from "../../contract/views.ts";
import { ask } from "../data/ask.ts";
import { repositoriesQuery } from "../data/queries.ts";
import { useSay } from "../parts/announcer.tsx";
import { Command } from "../parts/copy-button.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Page } from "../parts/page.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { useStored } from "../parts/stored.ts";
import { ConnectLink } from "./apps/connect-link.tsx";

/** Only repositories of the local VCS have pull requests opened here; the others have their own pages for that. */
export function NewPage(): ReactElement {
  const repositories = useQuery(repositoriesQuery());
  const wanted = useSearch({ from: "/new" }).repository;
  const local = (repositories.data ?? []).filter((repository) => repository.cloneUrl !== null);
  return (
    <Page title="Open a pull request">
      {repositories.error === null ? null : <ErrorNote error={repositories.error} />}
      {repositories.isPending ? <Skeleton rows={4} label="Repositories are loading" /> : null}
      <div className="two">
        {local.length > 0 ? <OpenForm key={wanted} repositories={local} wanted={wanted} /> : null}
        {repositories.data === undefined ? null : <CreateForm />}
      </div>
      <p>
        Pull requests of repositories elsewhere are opened there. <ConnectLink />
      </p>
    </Page>
  );
}

interface Wish {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly draft: boolean;
}

function OpenForm(props: {
  readonly repositories: readonly RepositoryView[];
  readonly wanted: string | undefined;
}): ReactElement {
  const [chosen, setChosen] = useState(props.wanted);
  const [wish, setWish] = useState<Wish>({ head: "", base: "", title: "", draft: false });
  const repository = props.repositories.find(({ id }) => id === chosen) ?? props.repositories[0];
  const [storedAs] = useStored("as");
  const as = storedAs ?? undefined;
  const open = useOpen(repository, as);
  return (
    <form
      className="card form"
      aria-label="Pull request"
      onSubmit={(event) => {
        event.preventDefault();
        open.mutate(wish);
      }}
    >
      <label>
        Repository
        <select value={repository?.id} onChange={(event) => setChosen(event.target.value)}>
          {props.repositories.map(({ id, fullName }) => (
            <option key={id} value={id}>
              {fullName}
            </option>
          ))}
        </select>
      </label>
      <WishFields wish={wish} onChange={setWish} base={repository?.defaultBranch ?? "main"} />
      {open.error === null ? null : <ErrorNote error={open.error} />}
      <button type="submit" className="button primary" disabled={open.isPending}>
        Open the pull request{as === undefined ? "" : ` as ${as}`}
      </button>
      {repository?.cloneUrl == null ? null : (
        <div className="hint">
          <p className="muted small">The branch is pushed with git, from a clone:</p>
          <Command text={`git clone ${repository.cloneUrl}`} what="the clone command" />
        </div>
      )}
    </form>
  );
}

function useOpen(repository: RepositoryView | undefined, as: string | undefined) {
  const navigate = useNavigate();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ title, head, base, draft }: Wish) =>
      ask(
        "openPullRequest",
        { repository: repository?.id ?? "" },
        {
          title,
          head: head.trim(),
          base: base.trim() || (repository?.defaultBranch ?? ""),
          draft,
          ...(as === undefined ? {} : { as }),
        },
      ),
    onSuccess: async (pull) => {
      await client.invalidateQueries();
      await navigate({
        to: "/repositories/$repository/pulls/$number",
        params: { repository: pull.repositoryId, number: String(pull.number) },
      });
    },
  });
}

const NAME_CHARS_MAX = 250;

function WishFields(props: {
  readonly wish: Wish;
  readonly onChange: (wish: Wish) => void;
  readonly base: string;
}): ReactElement {
  const { wish, onChange } = props;
  const field = (name: "head" | "base" | "title") => ({
    maxLength: NAME_CHARS_MAX,
    value: wish[name],
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      onChange({ ...wish, [name]: event.target.value }),
  });
  return (
    <>
      <div className="two even">
        <label>
          Branch with the change
          <input required spellCheck={false} placeholder="first-change" {...field("head")} />
        </label>
        <label>
          Into
          <input spellCheck={false} placeholder={props.base} {...field("base")} />
        </label>
      </div>
      <label>
        Title
        <input required {...field("title")} />
      </label>
      <label className="switch">
        <input
          type="checkbox"
          checked={wish.draft}
          onChange={(event) => onChange({ ...wish, draft: event.target.checked })}
        />
        It is a draft
      </label>
    </>
  );
}

function CreateForm(): ReactElement {
  const client = useQueryClient();
  const say = useSay();
  const navigate = useNavigate({ from: "/new" });
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => ask("createRepository", {}, { name }),
    onSuccess: async (repository) => {
      setName("");
      say(`${repository.fullName} is there`);
      await client.invalidateQueries({ queryKey: ["repositories"] });
      await navigate({ search: { repository: repository.id }, replace: true });
    },
  });
  return (
    <form
      className="card form"
      aria-label="Repository"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <h2>Make a repository</h2>
      <p className="muted">An empty git repository on this server, with pull requests.</p>
      <label>
        Name
        <input
          required
          pattern="[A-Za-z0-9._\-]{1,100}"
          title="Letters, digits, dot, underscore and hyphen, at most 100"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      {create.error === null ? null : <ErrorNote error={create.error} />}
      <button type="submit" className="button" disabled={create.isPending}>
        Make it
      </button>
    </form>
  );
}
