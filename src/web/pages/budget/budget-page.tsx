import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { BudgetView, InstallationBudgetView } from "../../../contract/budget.ts";
import { budgetQuery } from "../../data/queries.ts";
import { Badge, type Word } from "../../parts/badge.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { AllowanceTable } from "./allowance-table.tsx";
import { until } from "./until.ts";
import { WaitingList } from "./waiting-list.tsx";

/** What is left of what each VCS lets us ask, what is held back of it and for whom, and what waits. */
export function BudgetPage(): ReactElement {
  const budget = useQuery(budgetQuery());
  return (
    <Page title="Call budget">
      <p className="lead">
        A VCS limits what it may be asked for each installation, and shuts out whoever goes over. So
        what matters less is put off before: what is held back is kept for permissions to apply, for
        starting and stopping jobs and for merging.
      </p>
      {budget.error === null ? null : (
        <ErrorNote error={budget.error} onRetry={() => void budget.refetch()} />
      )}
      {budget.isPending ? <Skeleton rows={6} label="The budget is loading" /> : null}
      {budget.data === undefined ? null : <Installations budget={budget.data} />}
    </Page>
  );
}

function Installations({ budget }: { readonly budget: BudgetView }): ReactElement {
  const { installations, limited, readAt } = budget;
  if (limited.length === 0) {
    return (
      <Empty title="Nothing is limited">
        <p>No VCS that this server is connected to limits what it is asked.</p>
      </Empty>
    );
  }
  if (installations.length === 0) {
    return (
      <Empty title="Nothing was asked yet">
        <p>As soon as {limited.join(" or ")} was asked something, it shows here what is left.</p>
      </Empty>
    );
  }
  return (
    <>
      {installations.map((one) => (
        <Installation key={`${one.vcs} ${one.installation}`} one={one} readAt={readAt} />
      ))}
    </>
  );
}

const OPEN: Word = {
  label: "All goes out",
  icon: "check",
  tone: "good",
  meaning: "Nothing is put off for want of calls.",
};
const SHORT: Word = {
  label: "Some is put off",
  icon: "clock",
  tone: "warn",
  meaning: "Little is left of a limit: what matters less waits until more is there.",
};
const CLOSED: Word = {
  label: "Nothing goes out",
  icon: "alert",
  tone: "bad",
  meaning: "The VCS asked to be left alone. Everything goes on by itself afterwards.",
};
const UNKNOWN: Word = {
  label: "Nothing asked",
  icon: "question",
  tone: "neutral",
  meaning: "This server has asked nothing for this installation since it started.",
};

function stateOf({ closedUntil, allowances }: InstallationBudgetView): Word {
  if (closedUntil !== null) return CLOSED;
  if (allowances.length === 0) return UNKNOWN;
  const isShort = allowances.some(({ heldBack }) => heldBack.some((one) => one.until !== null));
  return isShort ? SHORT : OPEN;
}

function Installation(props: {
  readonly one: InstallationBudgetView;
  readonly readAt: string;
}): ReactElement {
  const { one, readAt } = props;
  const { vcs, installation, owner, repositories, closedUntil, calls } = one;
  const name = owner ?? `Installation ${installation}`;
  return (
    <section className="budget" aria-label={`${name} on ${vcs}`}>
      <div className="budget-head">
        <h2>{name}</h2>
        <Badge word={stateOf(one)} />
        <p className="muted">
          {vcs} · installation {installation} ·{" "}
          {repositories === 1 ? "1 repository" : `${repositories} repositories`}
        </p>
      </div>
      {closedUntil === null ? null : (
        <p className="note" data-tone="bad" role="status">
          <Icon name="alert" />
          <span>
            {vcs} wants to hear nothing of this installation for {until(closedUntil, readAt)}. Then
            everything goes on by itself.
          </span>
        </p>
      )}
      {one.allowances.length === 0 ? (
        <p className="muted">This server has asked nothing for it since it started.</p>
      ) : (
        <AllowanceTable one={one} name={name} readAt={readAt} />
      )}
      <WaitingList waiting={one.waiting} readAt={readAt} />
      <p className="muted small">
        Calls of this server: {calls.running} running, {calls.waiting} waiting for those,{" "}
        {calls.putOff} put off since it started.
      </p>
    </section>
  );
}
