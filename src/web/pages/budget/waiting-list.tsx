import type { ReactElement } from "react";
import type { WaitingEffectsView } from "../../../contract/budget.ts";
import { Icon } from "../../parts/icon.tsx";
import { failedWords } from "../failed-words.ts";
import { until } from "./until.ts";

export function WaitingList(props: {
  readonly waiting: readonly WaitingEffectsView[];
  readonly readAt: string;
}): ReactElement {
  const { waiting, readAt } = props;
  if (waiting.length === 0) return <p className="muted">Nothing waits to be shown or done.</p>;
  return (
    <ul className="budget-waiting" aria-label="What waits, of all servers">
      {waiting.map(({ what, count, rests, nextAt }) => (
        <li key={`${what} ${rests}`}>
          <Icon name="clock" size={14} />
          <span>
            <b>
              {failedWords({ kind: "effect", what })} × {count}
            </b>{" "}
            {rests ? "would only show progress and waits for more of it; " : ""}
            the next{" "}
            {Date.parse(nextAt) <= Date.parse(readAt) ? "now" : `in ${until(nextAt, readAt)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
