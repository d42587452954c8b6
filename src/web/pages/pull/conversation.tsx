import type { ReactElement } from "react";
import type { ConversationEntry, PullRequestDetail } from "../../../contract/views.ts";
import { Avatar } from "../../parts/avatar.tsx";
import { Ago } from "../../parts/clock.tsx";
import { Icon, Logo } from "../../parts/icon.tsx";
import { LazyMarkdown } from "../../parts/markdown/lazy.tsx";
import { shortSha } from "../../parts/text.ts";

export function Conversation(props: { readonly pull: PullRequestDetail }): ReactElement | null {
  const { pull } = props;
  if (pull.local === null) {
    return pull.comment === null ? null : (
      <section aria-labelledby="conversation">
        <h2 id="conversation">Comment in the pull request</h2>
        <div className="comment" data-ours>
          <div className="comment-body">
            <LazyMarkdown text={pull.comment} />
          </div>
        </div>
      </section>
    );
  }
  return (
    <section aria-labelledby="conversation">
      <h2 id="conversation">Conversation</h2>
      {pull.local.conversation.length === 0 ? (
        <p className="muted">Nobody has said anything yet.</p>
      ) : null}
      <ol className="conversation">
        {pull.local.conversation.map((entry, at) => (
          <li key={entry.kind === "event" ? `${entry.at} ${at}` : entry.id}>
            <Entry entry={entry} headSha={pull.headSha} />
          </li>
        ))}
      </ol>
    </section>
  );
}

const VERDICTS = {
  approved: { icon: "check", tone: "good", words: "approved" },
  changes_requested: { icon: "cross", tone: "bad", words: "requested changes" },
  dismissed: { icon: "minus", tone: "neutral", words: "took the review back" },
} as const;

function Entry(props: {
  readonly entry: ConversationEntry;
  readonly headSha: string;
}): ReactElement {
  const { entry } = props;
  switch (entry.kind) {
    case "comment":
      return <Comment entry={entry} />;
    case "review": {
      const { icon, tone, words } = VERDICTS[entry.verdict];
      return (
        <p className="event">
          <span className="event-icon" data-tone={tone}>
            <Icon name={icon} size={14} />
          </span>
          <b>{entry.author}</b> {words} at <code>{shortSha(entry.commit)}</code>
          {entry.commit === props.headSha ? "" : " (an older commit)"} · <Ago at={entry.at} />
        </p>
      );
    }
    case "event":
      return (
        <p className="event">
          <span className="event-icon">
            <Icon name="commit" size={14} />
          </span>
          {entry.text} · <Ago at={entry.at} />
        </p>
      );
  }
}

function Comment(props: {
  readonly entry: Extract<ConversationEntry, { kind: "comment" }>;
}): ReactElement {
  const { entry } = props;
  return (
    <article
      className="comment"
      aria-label={`Comment by ${entry.author}`}
      {...(entry.byTerrane ? { "data-ours": true } : {})}
    >
      <header>
        {entry.byTerrane ? <Logo /> : <Avatar login={entry.author} />}
        <b>{entry.author}</b>
        <span className="muted">
          <Ago at={entry.at} />
          {entry.editedAt === null ? null : (
            <>
              {" "}
              · edited <Ago at={entry.editedAt} />
            </>
          )}
        </span>
        {entry.acknowledged ? (
          <span className="seen" title="Terrane has read this command">
            <Icon name="check" size={12} /> seen
          </span>
        ) : null}
      </header>
      {entry.outdated === true ? (
        <details className="comment-body">
          <summary>Outdated: a newer comment says how it stands now</summary>
          <LazyMarkdown text={entry.markdown} />
        </details>
      ) : (
        <div className="comment-body">
          <LazyMarkdown text={entry.markdown} />
        </div>
      )}
    </article>
  );
}
