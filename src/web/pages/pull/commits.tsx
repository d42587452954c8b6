import type { ReactElement } from "react";
import type { LocalForgeView } from "../../../contract/views.ts";
import { Avatar } from "../../parts/avatar.tsx";
import { Ago } from "../../parts/clock.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { shortSha } from "../../parts/text.ts";

export function Commits(props: { readonly commits: LocalForgeView["commits"] }): ReactElement {
  if (props.commits.length === 0) return <p className="muted boxed">There is no commit.</p>;
  return (
    <ol className="rows commits" aria-label="Commits">
      {props.commits.map((commit) => (
        <li key={commit.sha} className="row">
          <Avatar login={commit.author} />
          <div className="row-main">
            <p className="row-title">{commit.subject}</p>
            <p className="row-about">
              {commit.author} · <Ago at={commit.at} />
            </p>
          </div>
          <code title={commit.sha}>{shortSha(commit.sha)}</code>
          <CopyButton text={commit.sha} what="the commit id" />
        </li>
      ))}
    </ol>
  );
}
