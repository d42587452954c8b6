import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { SetupProposal } from "../../../contract/setup.ts";
import { ask } from "../../data/ask.ts";
import { useSay } from "../../parts/announcer.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Words } from "../../parts/words.tsx";

/** Has the pull request opened that brings what the repository lacks, and says what became of that. */
export function Propose(props: { readonly repository: string }): ReactElement {
  const { repository } = props;
  const client = useQueryClient();
  const say = useSay();
  const propose = useMutation({
    mutationFn: () => ask("proposeSetup", { repository }, {}),
    onSuccess: async (answer) => {
      say(headOf(answer));
      await client.invalidateQueries({ queryKey: ["setup", repository] });
    },
  });
  const answer = propose.data;
  return (
    <section className="card propose" aria-label="Files that are missing">
      <h2>Let a pull request bring the files</h2>
      <p className="muted">
        Terrane looks at what the repository holds and opens one pull request with the workflow file
        and a configuration to begin with. You review and merge it.
      </p>
      <p>
        <button
          type="button"
          className="button primary"
          disabled={propose.isPending}
          onClick={() => propose.mutate()}
        >
          <Icon name="pull" />{" "}
          {propose.isPending ? "Looking at the files" : "Open the pull request"}
        </button>
      </p>
      {propose.error === null ? null : <ErrorNote error={propose.error} />}
      {answer === undefined ? null : <Answer answer={answer} />}
    </section>
  );
}

function headOf({ outcome, pullRequest }: SetupProposal): string {
  const where = pullRequest === null ? "" : ` #${pullRequest.number}`;
  return {
    opened: `Pull request${where} is open`,
    open: `Pull request${where} was open already`,
    nothing_to_change: "The default branch has all that is needed",
    not_permitted: "The App may not open this pull request; nothing was tried",
  }[outcome];
}

function Answer({ answer }: { readonly answer: SetupProposal }): ReactElement {
  const { pullRequest, found, lacks, grantUrl, byHand, files, next } = answer;
  return (
    <div className="proposed">
      <h3>
        {pullRequest?.url == null ? (
          headOf(answer)
        ) : (
          <a href={pullRequest.url}>
            {headOf(answer)} <Icon name="external" size={14} />
          </a>
        )}
      </h3>
      {lacks.length === 0 ? null : (
        <ul aria-label="Permissions that are missing">
          {lacks.map(({ name, why }) => (
            <li key={name}>
              <strong>{name}</strong>, {why}
            </li>
          ))}
        </ul>
      )}
      {grantUrl === null ? null : (
        <p>
          <a href={grantUrl}>Grant them</a>, or add the files by hand:
        </p>
      )}
      {byHand.length === 0 ? null : (
        <ul aria-label="Editors with the files filled in">
          {byHand.map(({ path, url }) => (
            <li key={path}>
              <a href={url}>
                <code>{path}</code> in the editor
              </a>
            </li>
          ))}
        </ul>
      )}
      {next.map((line) => (
        <p key={line} className="muted">
          <Words text={line} />
        </p>
      ))}
      {found.length === 0 ? null : (
        <p className="muted">
          Found: <Words text={found.join("; ").replace(/\.?$/, ".")} />
        </p>
      )}
      {files.map(({ path, text }) => (
        <details key={path}>
          <summary>
            <code>{path}</code>
          </summary>
          <pre className="file-text">
            <code>{text}</code>
          </pre>
        </details>
      ))}
    </div>
  );
}
