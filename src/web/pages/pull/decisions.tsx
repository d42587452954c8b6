import type { ReactElement } from "react";
import { count } from "../../../base/text.ts";
import { Ago } from "../../parts/clock.tsx";
import { Reason } from "../../parts/reason.tsx";
import { Words } from "../../parts/words.tsx";
import { type DecisionGroup, eventWords, groupsOf, type ShownDecision } from "./decision-groups.ts";

/** Every decision with its reasons, newest first: also why nothing happened. */
export function Decisions(props: { readonly decisions: readonly ShownDecision[] }): ReactElement {
  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions">Decisions</h2>
      <p className="muted">Every event that reached this pull request, and what was decided.</p>
      {props.decisions.length === 0 ? (
        <p className="muted boxed">Nothing has been decided yet.</p>
      ) : null}
      <ol className="decisions">
        {groupsOf(props.decisions).map((group) => (
          <Group key={group.decisions[0]?.id} group={group} />
        ))}
      </ol>
    </section>
  );
}

function Group(props: { readonly group: DecisionGroup }): ReactElement {
  const { quiet, decisions } = props.group;
  if (!quiet) {
    return (
      <>
        {decisions.map((decision) => (
          <li key={decision.id} id={`decision-${decision.id}`}>
            <Head decision={decision} />
            {decision.reasons.map((reason, at) => (
              <Reason key={`${reason.code} ${at}`} reason={reason} />
            ))}
          </li>
        ))}
      </>
    );
  }
  return (
    <li>
      <details className="quiet">
        <summary>{count(decisions.length, "event")} that changed nothing</summary>
        <ul className="plain">
          {decisions.map((decision) => (
            <li key={decision.id} id={`decision-${decision.id}`}>
              <Head decision={decision} />
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function Head(props: { readonly decision: ShownDecision }): ReactElement {
  const { decision } = props;
  return (
    <p className="decision-head">
      <b>
        {decision.text === undefined ? (
          eventWords(decision.event)
        ) : (
          <Words text={capital(decision.text)} />
        )}
      </b>
      <span className="muted">
        <Ago at={decision.at} />
      </span>
      <a className="muted small" href={`#decision-${decision.id}`}>
        <code>
          {decision.event} {decision.id}
        </code>
      </a>
      {decision.delivery === undefined ? null : (
        <span className="muted small">
          delivery <code>{decision.delivery}</code>
        </span>
      )}
    </p>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
