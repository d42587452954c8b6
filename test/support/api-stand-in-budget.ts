import type { AllowanceView, BudgetView } from "../../src/contract/budget.ts";
import { GITHUB_LIMITS } from "../../src/vcs/github/budget.ts";

const READ_AT = "2026-01-02T03:04:05.000Z";

function inSeconds(seconds: number): string {
  return new Date(Date.parse(READ_AT) + seconds * 1_000).toISOString();
}

const CALLS = { reactions: 0.4, comments: 0.3, checks: 0.25, looks: 0.2 } as const;

function allowance(
  some: Pick<AllowanceView, "of" | "per" | "title" | "limit" | "left"> & Partial<AllowanceView>,
  shares: Partial<Record<keyof typeof CALLS, number>>,
): AllowanceView {
  const { limit, left } = some;
  const heldBack = (Object.keys(CALLS) as (keyof typeof CALLS)[]).flatMap((from) => {
    const share = shares[from];
    if (share === undefined) return [];
    const amount = limit * share;
    return [{ from, amount, until: left > amount ? null : inSeconds(200) }];
  });
  return {
    unit: "points",
    said: "self",
    used: limit - left,
    resetsAt: left === limit ? null : inSeconds(some.per === "hour" ? 1_400 : 37),
    heldBack,
    ...some,
  };
}

function allowances(left: number): AllowanceView[] {
  const { pointsPerMinute, queryPointsPerMinute, contentPerMinute, contentPerHour } = GITHUB_LIMITS;
  const forge = { per: "hour", said: "forge" } as const;
  const looks = { looks: CALLS.looks };
  return [
    allowance(
      { of: "calls", unit: "calls", ...forge, title: "Calls by the hour", limit: 12_500, left },
      CALLS,
    ),
    allowance(
      {
        of: "queries",
        ...forge,
        title: "Points of queries by the hour",
        limit: 5_000,
        left: 4_812,
      },
      looks,
    ),
    allowance(
      {
        of: "calls",
        per: "minute",
        title: "Points of calls by the minute",
        limit: pointsPerMinute,
        left: 871,
      },
      CALLS,
    ),
    allowance(
      {
        of: "queries",
        per: "minute",
        title: "Points of queries by the minute",
        limit: queryPointsPerMinute,
        left: queryPointsPerMinute,
      },
      looks,
    ),
    ...(
      [
        ["minute", contentPerMinute, 77],
        ["hour", contentPerHour, 214],
      ] as const
    ).map(([per, limit, content]) =>
      allowance(
        {
          of: "content",
          per,
          unit: "calls",
          title: `Comments and reactions by the ${per}`,
          limit,
          left: content,
        },
        { reactions: 0.2 },
      ),
    ),
  ];
}

/** One that was told to wait, one of which little is left, and one with plenty. */
export function budgetExample(): BudgetView {
  const plain = { vcs: "github", closedUntil: null, calls: { running: 0, waiting: 0, putOff: 0 } };
  return {
    readAt: READ_AT,
    limited: ["github"],
    installations: [
      {
        ...plain,
        installation: "31",
        owner: "umbra",
        repositories: 1,
        closedUntil: inSeconds(95),
        calls: { running: 0, waiting: 0, putOff: 41 },
        allowances: allowances(0),
        waiting: [{ what: "dispatch", count: 2, rests: false, nextAt: inSeconds(95) }],
      },
      {
        ...plain,
        installation: "7",
        owner: "acme",
        repositories: 214,
        calls: { running: 6, waiting: 3, putOff: 128 },
        allowances: allowances(3_100),
        waiting: [
          { what: "acknowledge", count: 12, rests: false, nextAt: inSeconds(200) },
          { what: "publish", count: 40, rests: true, nextAt: inSeconds(21) },
        ],
      },
      {
        ...plain,
        installation: "90210",
        owner: null,
        repositories: 12,
        allowances: allowances(12_499),
        waiting: [],
      },
    ],
  };
}
