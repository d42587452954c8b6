import type { ReactElement } from "react";
import type { AllowanceView, InstallationBudgetView } from "../../../contract/budget.ts";
import { Badge, type Word } from "../../parts/badge.tsx";
import { absolute } from "../../parts/time.ts";
import { until } from "./until.ts";

export function AllowanceTable(props: {
  readonly one: InstallationBudgetView;
  readonly name: string;
  readonly readAt: string;
}): ReactElement {
  const { one, name, readAt } = props;
  return (
    <div className="table-box">
      <table className="table budget-table">
        <caption className="visually-hidden">Limits of {name}</caption>
        <thead>
          <tr>
            <th scope="col">Limit</th>
            <th scope="col">Left</th>
            <th scope="col">Used</th>
            <th scope="col">All there again</th>
            <th scope="col">Held back</th>
          </tr>
        </thead>
        <tbody>
          {one.allowances.map((its) => (
            <Row key={`${its.of} ${its.per}`} its={its} vcs={one.vcs} readAt={readAt} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: {
  readonly its: AllowanceView;
  readonly vcs: string;
  readonly readAt: string;
}): ReactElement {
  const { its, vcs, readAt } = props;
  const { title, limit, used, left, resetsAt, said } = its;
  return (
    <tr>
      <th scope="row">
        {title}
        <span className="cell-about">
          {said === "forge" ? `counted by ${vcs}, for all servers` : "counted by this server"}
        </span>
      </th>
      <td data-label="Left">
        <span className="number nowrap">
          {count(left)} of {count(limit)}
        </span>
        <Bar its={its} />
      </td>
      <td className="number" data-label="Used">
        {count(used)}
      </td>
      <td className="number nowrap" data-label="All there again">
        {resetsAt === null ? (
          "now"
        ) : (
          <time dateTime={resetsAt} title={absolute(resetsAt)}>
            in {until(resetsAt, readAt)}
          </time>
        )}
      </td>
      <td data-label="Held back">
        <Held its={its} readAt={readAt} />
      </td>
    </tr>
  );
}

/** Decoration: the numbers stand beside it. */
function Bar({ its }: { readonly its: AllowanceView }): ReactElement {
  const { limit, used, left, heldBack } = its;
  const kept = Math.min(left, heldBack.at(-1)?.amount ?? 0);
  const parts = [
    { part: "kept", amount: kept },
    { part: "free", amount: left - kept },
    { part: "used", amount: used },
  ].filter(({ amount }) => amount > 0);
  const tone = heldBack.some((one) => one.until !== null) ? "warn" : "good";
  return (
    <span className="budget-bar" data-tone={left === 0 ? "bad" : tone} aria-hidden="true">
      {parts.map(({ part, amount }) => (
        <span key={part} data-part={part} style={{ flexGrow: amount / limit }} />
      ))}
    </span>
  );
}

const NAMES: Readonly<Record<AllowanceView["heldBack"][number]["from"], string>> = {
  reactions: "reactions",
  comments: "comments",
  checks: "checks",
  looks: "looking",
};

function Held(props: { readonly its: AllowanceView; readonly readAt: string }): ReactElement {
  const { heldBack } = props.its;
  const kept = heldBack.at(-1);
  if (kept === undefined) return <span className="muted">nothing</span>;
  const putOff = heldBack.filter(({ until: at }) => at !== null);
  const word: Word = {
    label: `Put off: ${putOff.map(({ from }) => NAMES[from]).join(", ")}`,
    icon: "clock",
    tone: "warn",
    meaning: "They wait until more is left.",
  };
  const first = putOff.map(({ until: at }) => at ?? "").toSorted()[0];
  return (
    <>
      <span className="number">{count(kept.amount)}</span>
      <span className="cell-about">
        stop at: {heldBack.map(({ from, amount }) => `${NAMES[from]} ${count(amount)}`).join(" · ")}
      </span>
      {first === undefined ? null : (
        <span className="budget-put-off">
          <Badge word={word} /> for {until(first, props.readAt)}
        </span>
      )}
    </>
  );
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
