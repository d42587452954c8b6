import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ChangeEvent, type ReactElement, useEffect, useState } from "react";
import { count } from "../../../base/text.ts";
import { type AffectedView, CONFIGURATION_CHARS_MAX } from "../../../contract/configuration.ts";
import { ask } from "../../data/ask.ts";
import { pullRequestsQuery } from "../../data/queries.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Empty } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import type { Draft } from "./draft.ts";
import { FindingList } from "./findings.tsx";
import { useSettled } from "./settled.ts";
import { Waves } from "./waves.tsx";

const TYPING_MS = 400;
const EXAMPLE = "apps/web/main.tf\nD apps/old/main.tf\nR modules/a.tf modules/b.tf";

/** What a change would touch under the draft. */
export function TryTab(props: {
  readonly repository: string;
  readonly defaultBranch: string;
  readonly path: string;
  readonly draft: Draft;
  readonly onErrors: (errors: number) => void;
}): ReactElement {
  const { draft, onErrors, repository } = props;
  const [change, setChange] = useState<Change>({ changed: "", branch: "", destBranch: "" });
  const tried = useTry(props, change);
  const errors = tried.data?.diagnostics.filter(({ severity }) => severity === "error").length ?? 0;
  const isAsked = change.changed.trim() !== "";
  useEffect(() => onErrors(isAsked ? errors : 0), [errors, isAsked, onErrors]);

  return (
    <section className="try" aria-label="Try a change">
      <div className="card form try-form">
        <Picker
          repository={repository}
          onPick={setChange}
          onNone={() => setChange(({ pullRequest: _, ...rest }) => rest)}
        />
        <label>
          Changed files, one a line
          <textarea
            rows={7}
            spellCheck={false}
            placeholder={EXAMPLE}
            value={change.changed}
            onChange={(event) => setChange({ ...change, changed: event.target.value })}
          />
        </label>
        <p className="muted small">
          <code>D path</code> deletes, <code>R old new</code> moves; what{" "}
          <code>git diff --name-status</code> prints works too.
        </p>
        <Branches change={change} onChange={setChange} defaultBranch={props.defaultBranch} />
      </div>
      <div className="try-outcome" aria-busy={tried.isFetching}>
        {tried.error === null ? null : (
          <ErrorNote error={tried.error} onRetry={() => void tried.refetch()} />
        )}
        {!isAsked ? (
          <Empty title="Which dirspaces would a change touch?">
            <p>
              Name changed files or take those of a pull request. The answer is for{" "}
              {draft.isChanged ? "your draft" : "the file as it is"}, and changes with it.
            </p>
          </Empty>
        ) : tried.data === undefined ? (
          tried.isFetching ? (
            <Skeleton rows={4} label="Being worked out" />
          ) : null
        ) : (
          <Outcome view={tried.data} path={props.path} />
        )}
      </div>
    </section>
  );
}

interface Change {
  readonly changed: string;
  /** Whose files they are; its head is what counts then. */
  readonly pullRequest?: number;
  /** Empty: any. */
  readonly branch: string;
  /** Empty: the default branch. */
  readonly destBranch: string;
}

function useTry(
  { repository, path, draft }: { repository: string; path: string; draft: Draft },
  change: Change,
) {
  const text = draft.isChanged ? draft.text : undefined;
  const asked = useSettled(JSON.stringify({ text, file: path, ...change }), TYPING_MS);
  return useQuery({
    queryKey: ["affected", repository, asked],
    queryFn: () => {
      const { branch, destBranch, ...body } = JSON.parse(asked) as Change & {
        text?: string;
        file: string;
      };
      return ask(
        "affected",
        { repository },
        {
          ...body,
          ...(branch === "" ? {} : { branch }),
          ...(destBranch === "" ? {} : { destBranch }),
        },
      );
    },
    enabled: change.changed.trim() !== "" && (text?.length ?? 0) <= CONFIGURATION_CHARS_MAX,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    gcTime: 30_000,
  });
}

function Branches(props: {
  readonly change: Change;
  readonly onChange: (change: Change) => void;
  readonly defaultBranch: string;
}): ReactElement {
  const { change, onChange } = props;
  const field = (name: "branch" | "destBranch") => ({
    maxLength: 250,
    spellCheck: false,
    value: change[name],
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      onChange({ ...change, [name]: event.target.value }),
  });
  return (
    <div className="two even">
      <label>
        From branch
        <input placeholder="any" {...field("branch")} />
      </label>
      <label>
        Into branch
        <input placeholder={props.defaultBranch} {...field("destBranch")} />
      </label>
    </div>
  );
}

/** The files of an open pull request, which are then only text: they can be changed. */
function Picker(props: {
  readonly repository: string;
  readonly onPick: (change: Change) => void;
  readonly onNone: () => void;
}): ReactElement | null {
  const { repository, onNone, onPick } = props;
  const pulls = useQuery(pullRequestsQuery());
  const [error, setError] = useState<Error | null>(null);
  const [picked, setPicked] = useState("");
  const open = (pulls.data ?? []).filter(
    (pull) => pull.repositoryId === repository && pull.state === "open",
  );
  if (open.length === 0) return null;
  const pick = async (number: string) => {
    setPicked(number);
    setError(null);
    const pull = open.find((one) => String(one.number) === number);
    if (pull === undefined) return onNone();
    try {
      const { changed } = await ask("changedFiles", { repository, number });
      const { number: pullRequest, headRef: branch, baseRef: destBranch } = pull;
      onPick({ changed, pullRequest, branch, destBranch });
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error("The files could not be read."));
    }
  };
  return (
    <>
      <label>
        Take the files of a pull request
        <select value={picked} onChange={(event) => void pick(event.target.value)}>
          <option value="">None</option>
          {open.map(({ number, title }) => (
            <option key={number} value={number}>
              #{number} {title}
            </option>
          ))}
        </select>
      </label>
      {error === null ? null : <ErrorNote error={error} />}
    </>
  );
}

function Outcome(props: { readonly view: AffectedView; readonly path: string }): ReactElement {
  const { diagnostics, dirspaces, ok, total } = props.view;
  const waves = new Set(dirspaces.map(({ wave }) => wave)).size;
  return (
    <>
      {diagnostics.length === 0 ? null : (
        <FindingList label="Findings about the change" findings={diagnostics} path={props.path} />
      )}
      {!ok ? (
        <Empty title="No answer while there are errors">
          <p>They are listed above; those of the file are to be mended in the tab File.</p>
        </Empty>
      ) : total === 0 ? (
        <Empty title="This change touches no dirspace">
          <p>
            {diagnostics.some(({ code }) => code === "disabled")
              ? "Terrane is switched off by this configuration."
              : "No pattern of any directory matches the changed files."}
          </p>
        </Empty>
      ) : (
        <>
          <h2 role="status">
            {count(total, "dirspace")} in {count(waves, "wave")}
          </h2>
          <Waves dirspaces={dirspaces} />
          {total > dirspaces.length ? (
            <p className="muted">{total - dirspaces.length} more are not shown.</p>
          ) : null}
        </>
      )}
    </>
  );
}
