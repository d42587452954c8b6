import type { ReactElement } from "react";
import type { NoticeView, ReasonView } from "../../../contract/views.ts";
import { Ago } from "../../parts/clock.tsx";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { commandsIn } from "../../parts/text.ts";
import { Words } from "../../parts/words.tsx";

const OUTCOMES: Readonly<
  Record<
    NoticeView["outcome"],
    { readonly icon: IconName; readonly tone: string; readonly word: string }
  >
> = {
  accepted: { icon: "check", tone: "good", word: "Accepted" },
  refused: { icon: "alert", tone: "bad", word: "Refused" },
  information: { icon: "info", tone: "running", word: "For your information" },
};

/** The answer to the last command: what happened, why, and the next command. */
export function Notice(props: {
  readonly notice: NoticeView;
  readonly offer: (command: string) => void;
}): ReactElement {
  const { notice } = props;
  const { icon, tone, word } = OUTCOMES[notice.outcome];
  return (
    <section className="note notice" data-tone={tone} aria-label="Answer to the last command">
      <Icon name={icon} />
      <div>
        <p className="notice-head">
          <b>{word}</b>
          {notice.command === null ? null : <code>{notice.command}</code>}
          <span className="muted">
            {notice.actor === null ? "" : `${notice.actor} · `}
            <Ago at={notice.at} />
          </span>
        </p>
        {notice.reasons.map((reason, at) => (
          <Reason key={`${reason.code} ${at}`} reason={reason} offer={props.offer} />
        ))}
      </div>
    </section>
  );
}

export function Reason(props: {
  readonly reason: ReasonView;
  readonly offer?: (command: string) => void;
}): ReactElement {
  const { reason, offer } = props;
  const commands = offer === undefined || reason.next === null ? [] : commandsIn(reason.next);
  return (
    <div className="reason">
      <p className="reason-title">
        <Words text={reason.title} /> <code className="code">{reason.code}</code>
      </p>
      {reason.cause === "" ? null : (
        <p className="pre">
          <Words text={reason.cause} />
        </p>
      )}
      {reason.next === null ? null : (
        <p className="reason-next">
          <span>
            <Icon name="arrow" size={14} /> <Words text={reason.next} />
          </span>
          {commands.map((command) => (
            <button
              key={command}
              type="button"
              className="button small"
              title={`Put “${command}” into the box`}
              onClick={() => offer?.(command)}
            >
              Put into the box
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
