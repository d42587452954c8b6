import type { Metrics, Sample } from "../http/metrics.ts";
import type { Allowance, InstallationBudget, VcsBudget } from "../ports/budget.ts";

const INSTALLATION = ["vcs", "installation"] as const;
const ALLOWANCE = [...INSTALLATION, "of", "per", "said"] as const;
const CALLS = [...INSTALLATION, "state"] as const;

/** What is left of the limits of each VCS. Of `said="self"` each server tells what it did itself: add those up. */
export function budgetMetrics(
  metrics: Pick<Metrics, "samples">,
  budgets: () => readonly VcsBudget[],
  now: () => number,
): void {
  const ofEach = (one: (allowance: Allowance) => number) =>
    each(budgets(), (budget, labels) =>
      budget.allowances.map((allowance) => {
        const { of, per, said } = allowance;
        return { labels: { ...labels, of, per, said }, value: one(allowance) };
      }),
    );
  metrics.samples("budget_limit", "What a VCS lets one installation do", ALLOWANCE, () =>
    ofEach(({ limit }) => limit),
  );
  metrics.samples("budget_left", "What is left of that now", ALLOWANCE, () =>
    ofEach(({ left }) => left),
  );
  metrics.samples("budget_calls", "Calls that run, and calls that wait for those", CALLS, () =>
    each(budgets(), ({ running, waiting }, labels) => [
      { labels: { ...labels, state: "running" }, value: running },
      { labels: { ...labels, state: "waiting" }, value: waiting },
    ]),
  );
  metrics.samples(
    "budget_put_off",
    "Calls that were put off since this server started, as too little was left",
    INSTALLATION,
    () => each(budgets(), ({ putOff }, labels) => [{ labels, value: putOff }]),
  );
  metrics.samples(
    "budget_closed_seconds",
    "For how long a VCS wants to hear nothing more of an installation",
    INSTALLATION,
    () =>
      each(budgets(), ({ closedUntil }, labels) => {
        const closedMs = closedUntil === undefined ? 0 : closedUntil - now();
        return [{ labels, value: Math.max(0, closedMs) / 1_000 }];
      }),
  );
}

function each<L extends string>(
  budgets: readonly VcsBudget[],
  one: (
    budget: InstallationBudget,
    labels: Readonly<Record<"vcs" | "installation", string>>,
  ) => readonly Sample<L>[],
): readonly Sample<L>[] {
  return budgets.flatMap(({ vcs, installations }) =>
    installations.flatMap((budget) => one(budget, { vcs, installation: budget.installation })),
  );
}
