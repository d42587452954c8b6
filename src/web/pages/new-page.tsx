import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { RepositoryView } from "../../contract/views.ts";
import { ask } from "../data/ask.ts";
import { repositoriesQuery } from "../data/queries.ts";
import { useSay } from "../parts/announcer.tsx";
import { Command } from "../parts/copy-button.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Page } from "../parts/page.tsx";
import { Skeleton } from "../parts/skeleton.tsx";

/** Only repositories of the local VCS have pull requests opened here; the others have their own pages for that. */
export function NewPage(): ReactElement {
  const repositories = useQuery(repositoriesQuery());
  const local = (repositories.data ?? []).filter((repository) => repository.cloneUrl !== null);
  return (
    <Page title="Open a pull request">
      {repositories.error === null ? null : <ErrorNote error={repositories.error} />}
      {repositories.isPending ? <Skeleton rows={4} label="Repositories are loading" /> : null}
      <div className="two">
        {local.length > 0 ? <OpenForm repositories={local} /> : null}
        {repositories.data === undefined ? null : <CreateForm />}
      </div>
    </Page>
  );
}

function OpenForm(props: { readonly repositories: readonly RepositoryView[] }): ReactElement {
  const wanted = useSearch({ from: "/new" }).repository;
  const navigate = useNavigate();
  const client = useQueryClient();
  const [chosen, setChosen] = useState(wanted);
  const [head, setHead] = useState("");
  const [base, setBase] = useState("");
  const [title, setTitle] = useState("");
  const [draft, setDraft] = useState(false);
  const repository = props.repositories.find(({ id }) => id === chosen) ?? props.repositories[0];
  const open = useMutation({
    mutationFn: (id: string) =>
      ask(
        "openPullRequest",
        { repository: id },
        { title, head: head.trim(), base: base.trim() || (repository?.defaultBranch ?? ""), draft },
      ),
    onSuccess: async (pull) => {
      await client.invalidateQueries();
      await navigate({
        to: "/repositories/$repository/pulls/$number",
        params: { repository: pull.repositoryId, number: String(pull.number) },
      });
    },
  });
  return (
    <form
      className="card form"
      aria-label="Pull request"
      onSubmit={(event) => {
        event.preventDefault();
        if (repository !== undefined) open.mutate(repository.id);
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
      <div className="two even">
        <label>
          Branch with the change
          <input
            required
            maxLength={250}
            spellCheck={false}
            value={head}
            placeholder="first-change"
            onChange={(event) => setHead(event.target.value)}
          />
        </label>
        <label>
          Into
          <input
            maxLength={250}
            spellCheck={false}
            value={base}
            placeholder={repository?.defaultBranch ?? "main"}
            onChange={(event) => setBase(event.target.value)}
          />
        </label>
      </div>
      <label>
        Title
        <input
          required
          maxLength={250}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
      </label>
      <label className="switch">
        <input
          type="checkbox"
          checked={draft}
          onChange={(event) => setDraft(event.target.checked)}
        />
        It is a draft
      </label>
      {open.error === null ? null : <ErrorNote error={open.error} />}
      <button type="submit" className="button primary" disabled={open.isPending}>
        Open the pull request
      </button>
      {repository?.cloneUrl == null ? null : (
        <Command text={`git clone ${repository.cloneUrl}`} what="the clone command" />
      )}
    </form>
  );
}

function CreateForm(): ReactElement {
  const client = useQueryClient();
  const say = useSay();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => ask("createRepository", {}, { name }),
    onSuccess: async (repository) => {
      setName("");
      say(`${repository.fullName} is there`);
      await client.invalidateQueries({ queryKey: ["repositories"] });
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
