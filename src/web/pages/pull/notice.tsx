import type { ReactElement } from "react";
import type { NoticeView } from "../../../contract/views.ts";
import { Ago } from "../../parts/clock.tsx";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { Reason } from "../../parts/reason.tsx";

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

/** What holds whatever was answered since: nothing can be planned before that is mended. */
function Stop(props: {
  readonly stop: NonNullable<NoticeView["stop"]>;
  readonly offer?: (command: string) => void;
}): ReactElement {
  const { stop, offer } = props;
  return (
    <section className="note notice" data-tone="bad" aria-label="Why nothing can be planned">
      <Icon name="alert" />
      <div>
        <p className="notice-head">
          <b>Nothing can be planned</b>
        </p>
        {stop.map((reason, at) => (
          <Reason
            key={`${reason.code} ${at}`}
            reason={reason}
            {...(offer === undefined ? {} : { offer })}
          />
        ))}
      </div>
    </section>
  );
}

/** What was asked since: an answer that takes nothing back. */
function Aside(props: {
  readonly aside: NonNullable<NoticeView["aside"]>;
  readonly offer?: (command: string) => void;
}): ReactElement {
  const { aside, offer } = props;
  return (
    <>
      <p className="notice-head">
        <code>{aside.command}</code>
        <span className="muted">
          {aside.actor} · <Ago at={aside.at} />
        </span>
      </p>
      {aside.reasons.map((reason, at) => (
        <Reason
          key={`${reason.code} ${at}`}
          reason={reason}
          {...(offer === undefined ? {} : { offer })}
        />
      ))}
    </>
  );
}

/** The answer to the last command: what happened, why, and the next command. */
export function Notice(props: {
  readonly notice: NoticeView;
  readonly offer?: (command: string) => void;
}): ReactElement {
  const { notice, offer } = props;
  const { icon, tone, word } = OUTCOMES[notice.outcome];
  const offering = offer === undefined ? {} : { offer };
  return (
    <>
      {notice.stop === undefined ? null : <Stop stop={notice.stop} {...offering} />}
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
            <Reason key={`${reason.code} ${at}`} reason={reason} {...offering} />
          ))}
          {notice.aside === undefined ? null : <Aside aside={notice.aside} {...offering} />}
        </div>
      </section>
    </>
  );
}
