import type { Instant } from "../../base/brand.ts";
import type { AllowanceView, InstallationBudgetView } from "../../contract/budget.ts";
import type {
  Allowance,
  InstallationBacklog,
  InstallationBudget,
  VcsBudget,
} from "../../ports/budget.ts";
import { iso } from "./words.ts";

/** What the database knows of installations, with what this server knows besides; those that need somebody come first. */
export function installationViews(
  budgets: readonly VcsBudget[],
  backlogs: readonly InstallationBacklog[],
  now: Instant,
): InstallationBudgetView[] {
  const known = new Set(backlogs.map(keyOf));
  const asked = budgets.flatMap(({ vcs, installations }) =>
    installations.map((budget) => ({ vcs, budget })),
  );
  const budgetOf = new Map(
    asked.map(({ vcs, budget }) => [keyOf({ vcs, installation: budget.installation }), budget]),
  );
  // Before the first webhook of a new installation the database has nothing of it.
  const unheard = asked
    .map(({ vcs, budget }) => ({ vcs, installation: budget.installation, ...NOTHING }))
    .filter((one) => !known.has(keyOf(one)));
  return [...backlogs, ...unheard]
    .map((backlog) => installationView(backlog, budgetOf.get(keyOf(backlog)), now))
    .toSorted((a, b) => urgency(b) - urgency(a));
}

const NOTHING = { owner: undefined, repositories: 0, waiting: [] } as const;

function keyOf(one: Pick<InstallationBacklog, "vcs" | "installation">): string {
  return JSON.stringify([one.vcs, one.installation]);
}

function urgency({ closedUntil, allowances }: InstallationBudgetView): number {
  if (closedUntil !== null) return 2;
  return allowances.some(({ heldBack }) => heldBack.some(({ until }) => until !== null)) ? 1 : 0;
}

function installationView(
  backlog: InstallationBacklog,
  budget: InstallationBudget | undefined,
  now: Instant,
): InstallationBudgetView {
  const { vcs, installation, owner, repositories, waiting } = backlog;
  const { closedUntil, running = 0, putOff = 0 } = budget ?? {};
  return {
    vcs,
    installation,
    owner: owner ?? null,
    repositories,
    closedUntil: timeOrNull(closedUntil, now),
    calls: { running, waiting: budget?.waiting ?? 0, putOff },
    allowances: (budget?.allowances ?? []).map((one) => allowanceView(one, now)),
    waiting: waiting.map((one) => ({ ...one, nextAt: iso(one.nextAt) })),
  };
}

function allowanceView(allowance: Allowance, now: Instant): AllowanceView {
  const { of, per, unit, limit, left, resetsAt, said, heldBack } = allowance;
  return {
    of,
    per,
    unit,
    title: `${TITLES[of][unit]} by the ${per}`,
    limit,
    used: limit - left,
    left,
    resetsAt: left === limit ? null : timeOrNull(resetsAt, now),
    said,
    heldBack: heldBack.map(({ from, amount, waitMs }) => ({
      from,
      amount,
      until: timeOrNull(now + waitMs, now),
    })),
  };
}

const TITLES: Readonly<Record<Allowance["of"], Readonly<Record<Allowance["unit"], string>>>> = {
  calls: { calls: "Calls", points: "Points of calls" },
  queries: { calls: "Queries", points: "Points of queries" },
  content: { calls: "Comments and reactions", points: "Points of comments" },
};

function timeOrNull(at: number | undefined, now: Instant): string | null {
  return at === undefined || at <= now ? null : iso(at as Instant);
}
