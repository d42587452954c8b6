import { expect, test } from "vitest";
import type { Instant } from "../../base/brand.ts";
import type { InstallationBacklog, InstallationBudget } from "../../ports/budget.ts";
import { installationViews } from "./budget.ts";

const NOW = Date.parse("2026-01-02T03:04:05.000Z") as Instant;

function backlog(installation: string): InstallationBacklog {
  return {
    vcs: "forge",
    installation,
    owner: `owner-${installation}`,
    repositories: 2,
    waiting: [],
  };
}

function budget(
  installation: string,
  some: Partial<InstallationBudget> & { readonly waitMs?: number } = {},
): InstallationBudget {
  const { waitMs = 0, ...rest } = some;
  return {
    installation,
    allowances: [
      {
        of: "calls",
        per: "hour",
        unit: "calls",
        limit: 100,
        left: 40,
        resetsAt: NOW + 60_000,
        said: "forge",
        heldBack: [{ from: "comments", amount: 30, waitMs }],
      },
    ],
    closedUntil: undefined,
    running: 1,
    waiting: 2,
    putOff: 3,
    ...rest,
  };
}

test("whoever is shut out comes first, then whoever has to put something off, then the others as they were", () => {
  const installations = [
    budget("b"),
    budget("c", { waitMs: 5_000 }),
    budget("d", { closedUntil: NOW + 1 }),
  ];
  const views = installationViews(
    [{ vcs: "forge", installations }],
    ["a", "b", "c", "d"].map(backlog),
    NOW,
  );
  expect(views.map(({ installation }) => installation)).toEqual(["d", "c", "a", "b"]);
  expect(views[1]?.allowances[0]).toEqual({
    of: "calls",
    per: "hour",
    unit: "calls",
    title: "Calls by the hour",
    limit: 100,
    used: 60,
    left: 40,
    resetsAt: "2026-01-02T03:05:05.000Z",
    said: "forge",
    heldBack: [{ from: "comments", amount: 30, until: "2026-01-02T03:04:10.000Z" }],
  });
  expect(views[2]).toMatchObject({ allowances: [], calls: { running: 0, waiting: 0, putOff: 0 } });
});

test("one installation of that id on two forges is two", () => {
  const views = installationViews(
    [
      { vcs: "forge", installations: [budget("7")] },
      { vcs: "other", installations: [budget("7", { putOff: 9 })] },
    ],
    [backlog("7")],
    NOW,
  );
  expect(views.map(({ vcs, owner, calls }) => [vcs, owner, calls.putOff])).toEqual([
    ["forge", "owner-7", 3],
    ["other", null, 9],
  ]);
});
