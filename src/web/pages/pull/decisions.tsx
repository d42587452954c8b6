import type { ReactElement } from "react";
import type { DecisionView } from "../../../contract/views.ts";
import { Ago } from "../../parts/clock.tsx";
import { Reason } from "./notice.tsx";

/** Every decision with its reasons, newest first: also why nothing happened. */
export function Decisions(props: { readonly decisions: readonly DecisionView[] }): ReactElement {
  const newest = props.decisions.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why?</h2>
      <p className="muted">Every event that reached this pull request, and what was decided.</p>
      {newest.length === 0 ? <p className="muted boxed">Nothing has been decided yet.</p> : null}
      <ol className="decisions">
        {newest.map((decision) => (
          <li key={decision.id} id={`decision-${decision.id}`}>
            <p className="decision-head">
              <code>{decision.event}</code>
              <span className="muted">
                <Ago at={decision.at} />
              </span>
              <a className="muted small" href={`#decision-${decision.id}`}>
                {decision.id}
              </a>
            </p>
            {decision.reasons.map((reason, at) => (
              <Reason key={`${reason.code} ${at}`} reason={reason} />
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}
