import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import type { BodyOf } from "../../../contract/api.ts";
import type { PullRequestDetail } from "../../../contract/views.ts";
import { ask } from "../../data/ask.ts";
import { pullRequestQuery } from "../../data/queries.ts";
import { useSay } from "../../parts/announcer.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Box } from "./box.tsx";

type Person = BodyOf<"putPerson">;

/** Where this server is the forge, whoever holds its token says who acts: a review takes a second person. */
export function ActingAs(props: {
  readonly pull: PullRequestDetail;
  readonly as: string;
  readonly onAs: (login: string) => void;
}): ReactElement {
  const people = withCurrent(props.pull.local?.people ?? [], props.as);
  return (
    <Box title="Acting as">
      <label>
        <span className="visually-hidden">Acting as</span>
        <select value={props.as} onChange={(event) => props.onAs(event.target.value)}>
          {people.map(({ login, permission }) => (
            <option key={login} value={login}>
              {login} ({permission})
            </option>
          ))}
        </select>
      </label>
      <p className="muted small">The local VCS has no sign-in per person: you choose who acts.</p>
      <details className="fold">
        <summary>Add a person</summary>
        <AddPerson pull={props.pull} onAdded={props.onAs} />
      </details>
    </Box>
  );
}

const PERMISSIONS: readonly Person["permission"][] = [
  "read",
  "triage",
  "write",
  "maintain",
  "admin",
];

function AddPerson(props: {
  readonly pull: PullRequestDetail;
  readonly onAdded: (login: string) => void;
}): ReactElement {
  const { repositoryId, repository, number } = props.pull;
  const client = useQueryClient();
  const say = useSay();
  const [person, setPerson] = useState<Person>({ login: "", permission: "write" });
  const add = useMutation({
    mutationFn: () => ask("putPerson", { repository: repositoryId }, person),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: pullRequestQuery(repositoryId, number).queryKey });
      say(`You act as ${person.login}`);
      props.onAdded(person.login);
      setPerson({ ...person, login: "" });
    },
  });
  return (
    <form
      className="person"
      aria-label="Person"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <label>
        Name
        <input
          required
          pattern="[A-Za-z0-9][A-Za-z0-9\-]{0,38}"
          title="Letters, digits and hyphen, at most 39"
          spellCheck={false}
          autoComplete="off"
          value={person.login}
          onChange={(event) => setPerson({ ...person, login: event.target.value })}
        />
      </label>
      <label>
        Permission in {repository}
        <select
          value={person.permission}
          onChange={(event) => {
            const permission = PERMISSIONS.find((one) => one === event.target.value);
            if (permission !== undefined) setPerson({ ...person, permission });
          }}
        >
          {PERMISSIONS.map((permission) => (
            <option key={permission} value={permission}>
              {permission}
            </option>
          ))}
        </select>
      </label>
      {add.error === null ? null : <ErrorNote error={add.error} />}
      <button type="submit" className="button small" disabled={add.isPending}>
        Add and act as this person
      </button>
    </form>
  );
}

function withCurrent(
  people: readonly { readonly login: string; readonly permission: string }[],
  current: string,
): readonly { readonly login: string; readonly permission: string }[] {
  if (people.some(({ login }) => login === current)) return people;
  return [{ login: current, permission: "you" }, ...people];
}
