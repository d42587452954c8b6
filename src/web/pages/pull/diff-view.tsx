import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useMemo } from "react";
import { count } from "../../../base/text.ts";
import type { PullRequestDetail } from "../../../contract/views.ts";
import { diffQuery } from "../../data/queries.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { type FileDiff, filesOf } from "./diff.ts";

/** Files beyond this start folded. */
const OPEN_LINES_MAX = 400;

export function Changes(props: { readonly pull: PullRequestDetail }): ReactElement {
  const { repositoryId, number, headSha } = props.pull;
  const diff = useQuery(diffQuery(repositoryId, number, headSha));
  if (diff.data !== undefined) return <DiffView {...diff.data} />;
  return diff.error === null ? (
    <Skeleton rows={4} label="The change is loading" />
  ) : (
    <ErrorNote error={diff.error} onRetry={() => void diff.refetch()} />
  );
}

function DiffView(props: { readonly text: string; readonly truncated: boolean }): ReactElement {
  const { files, cut } = useMemo(() => filesOf(props.text), [props.text]);
  if (files.length === 0) return <p className="muted boxed">There is no change to show.</p>;
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">
        {count(files.length, "file")} changed{" "}
        <span className="counts">
          <span data-count="create">+{sum(files, "added")}</span>
          <span data-count="delete">−{sum(files, "removed")}</span>
        </span>
      </h2>
      {files.map((file) => (
        <details key={file.path} className="file" open={file.lines.length <= OPEN_LINES_MAX}>
          <summary>
            <Icon name="chevron" size={14} />
            <span className="file-path">{file.path}</span>
            <span className="counts">
              <span data-count="create">+{file.added}</span>
              <span data-count="delete">−{file.removed}</span>
            </span>
          </summary>
          <div className="diff" role="region" aria-label={`Change of ${file.path}`} tabIndex={0}>
            {file.lines.map((line, at) => (
              <div key={at} className="diff-line" data-kind={line.kind}>
                <span className="diff-number" data-n={line.before ?? ""} aria-hidden="true" />
                <span className="diff-number" data-n={line.after ?? ""} aria-hidden="true" />
                <span className="diff-text">{line.text}</span>
              </div>
            ))}
          </div>
        </details>
      ))}
      {cut || props.truncated ? (
        <p className="muted">The rest of this change is too long to show.</p>
      ) : null}
    </section>
  );
}

function sum(files: readonly FileDiff[], of: "added" | "removed"): number {
  return files.reduce((total, file) => total + file[of], 0);
}
