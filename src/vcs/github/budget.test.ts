import fc from "fast-check";
import { expect, test } from "vitest";
import { Budget, costOf, GITHUB_LIMITS, NO_LIMITS } from "./budget.ts";

const READ = "GET /repositories/{repository_id}/pulls/{pull_number}";
const START = "POST /repositories/{repository_id}/actions/workflows/{workflow_id}/dispatches";
const CHECK = "PATCH /repositories/{repository_id}/check-runs/{check_run_id}";
const COMMENT = "POST /repositories/{repository_id}/issues/{issue_number}/comments";
const REACTION = "POST /repositories/{repository_id}/issues/comments/{comment_id}/reactions";
const ROUTES = [REACTION, COMMENT, CHECK, READ, START];

/** How many calls get through at one instant. */
function burst(budget: Budget, route: string, now: number): number {
  let calls = 0;
  while (calls < 10_000 && budget.admit(route, now) === 0) calls += 1;
  return calls;
}

test("what matters less stops earlier, and jobs can be started last of all", () => {
  const budget = new Budget(GITHUB_LIMITS);
  const through = ROUTES.map((route) => burst(budget, route, 0) > 0);
  expect(through).toEqual([true, true, true, true, true]);
  expect(ROUTES.map((route) => burst(budget, route, 0))).toEqual([0, 0, 0, 0, 0]);
  const leaves = ROUTES.map((route) => costOf(route).leaves);
  expect(leaves).toEqual(leaves.toSorted((a, b) => b - a));
});

test("whoever waits as long as told gets through, and not a moment earlier", () => {
  const budget = new Budget(GITHUB_LIMITS);
  burst(budget, COMMENT, 0);
  const wait = budget.admit(COMMENT, 0);
  expect(wait).toBeGreaterThan(0);
  expect(budget.admit(COMMENT, wait - 1)).toBeGreaterThan(0);
  expect(budget.admit(COMMENT, wait)).toBe(0);
});

test("comments that say again what the one comment says leave room for it", () => {
  const budget = new Budget(GITHUB_LIMITS);
  let extra = 0;
  while (budget.admit(COMMENT, 0, "extra") === 0) extra += 1;
  expect(extra).toBe(0.8 * GITHUB_LIMITS.contentPerMinute);
  expect(burst(budget, COMMENT, 0)).toBe(0.2 * GITHUB_LIMITS.contentPerMinute);
  const hide = "POST /graphql#mutation";
  expect(costOf(hide, "extra").leaves).toBeGreaterThan(costOf(COMMENT).leaves);
  expect(costOf(hide).leaves).toBe(0);
});

test.each([
  ["a label", "POST /repositories/{repository_id}/issues/{issue_number}/labels", "reactions"],
  [
    "taking it away",
    "DELETE /repositories/{repository_id}/issues/{issue_number}/labels/{name}",
    "reactions",
  ],
  ["a commit status", "POST /repositories/{repository_id}/statuses/{sha}", "checks"],
] as const)("%s leaves as much as what it is beside", (_what, route, like) => {
  const alike = {
    reactions: "POST /repositories/{repository_id}/issues/comments/{comment_id}/reactions",
    checks: "POST /repositories/{repository_id}/check-runs",
  };
  expect(costOf(route)).toMatchObject({ leaves: costOf(alike[like]).leaves, content: false });
});

test("without limits nothing waits", () => {
  expect(burst(new Budget(NO_LIMITS), COMMENT, 0)).toBe(10_000);
});

interface Sent {
  readonly at: number;
  readonly points: number;
  readonly content: number;
}

function sum(sent: readonly Sent[], what: "points" | "content"): number {
  return sent.reduce((all, one) => all + one[what], 0);
}

test("in no stretch of a minute or an hour more goes out than GitHub allows", () => {
  const calls = fc.array(fc.tuple(fc.constantFrom(...ROUTES), fc.integer({ min: 0, max: 3_000 })), {
    minLength: 500,
    maxLength: 3_000,
  });
  fc.assert(
    fc.property(calls, (wanted) => {
      const budget = new Budget(GITHUB_LIMITS);
      const sent: Sent[] = [];
      let now = 0;
      for (const [route, pause] of wanted) {
        now += pause;
        if (budget.admit(route, now) > 0) continue;
        const { points, content } = costOf(route);
        sent.push({ at: now, points, content: content ? 1 : 0 });
        const hour = sent.filter(({ at }) => at > now - 3_600_000);
        const minute = hour.filter(({ at }) => at > now - 60_000);
        expect(sum(minute, "points")).toBeLessThanOrEqual(GITHUB_LIMITS.pointsPerMinute);
        expect(sum(minute, "content")).toBeLessThanOrEqual(GITHUB_LIMITS.contentPerMinute);
        expect(sum(hour, "content")).toBeLessThanOrEqual(GITHUB_LIMITS.contentPerHour);
      }
    }),
    { numRuns: 20 },
  );
});

const SAID = (limit: number, left: number, resetsAt: number, resource = "core") => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(left),
  "x-ratelimit-reset": String(resetsAt / 1_000),
  "x-ratelimit-resource": resource,
});

test("of the hour that GitHub counts a fifth is left to permissions and jobs, whatever the limit is", () => {
  for (const limit of [5_000, 12_500, 15_000]) {
    const budget = new Budget(GITHUB_LIMITS);
    budget.heard(SAID(limit, limit / 5, 600_000));
    expect(budget.admit(READ, 0)).toBe(600_000);
    expect(budget.admit(COMMENT, 0)).toBe(600_000);
    expect(budget.admit(READ, 0, "permits")).toBe(0);
    expect(budget.admit(START, 0)).toBe(0);
    expect(budget.admit(READ, 600_000)).toBe(0);
  }
});

test("queries have an hour of their own", () => {
  const budget = new Budget(GITHUB_LIMITS);
  budget.heard(SAID(5_000, 0, 600_000, "graphql"));
  expect(budget.admit("POST /graphql", 0)).toBeGreaterThan(0);
  expect(budget.admit(READ, 0)).toBe(0);
});

test("an answer that another one of the same hour has overtaken gives nothing back", () => {
  const budget = new Budget(GITHUB_LIMITS);
  budget.heard(SAID(5_000, 900, 600_000));
  budget.heard(SAID(5_000, 4_000, 600_000));
  expect(budget.admit(READ, 0)).toBeGreaterThan(0);
  budget.heard(SAID(5_000, 4_999, 1_200_000));
  expect(budget.admit(READ, 0)).toBe(0);
});

test("an answer that tells of an hour that is over opens nothing", () => {
  const budget = new Budget(GITHUB_LIMITS);
  budget.heard(SAID(5_000, 900, 600_000));
  budget.heard(SAID(5_000, 4_999, 300_000));
  expect(budget.admit(READ, 400_000)).toBe(200_000);
});

test("what is shown of a limit is what it lets through: who is put off, and for how long", () => {
  const budget = new Budget(GITHUB_LIMITS);
  expect(budget.allowances(0).map(({ of, per }) => `${of} by the ${per}`)).toEqual([
    "calls by the minute",
    "queries by the minute",
    "content by the minute",
    "content by the hour",
  ]);
  budget.heard(SAID(5_000, 1_250, 600_000));
  const [hour] = budget.allowances(0);
  expect(hour).toMatchObject({
    of: "calls",
    per: "hour",
    limit: 5_000,
    left: 1_250,
    said: "forge",
  });
  expect(hour?.heldBack).toEqual([
    { from: "reactions", amount: 2_000, waitMs: 600_000 },
    { from: "comments", amount: 1_500, waitMs: 600_000 },
    { from: "checks", amount: 1_250, waitMs: 600_000 },
    { from: "looks", amount: 1_000, waitMs: 0 },
  ]);
  expect([REACTION, COMMENT, CHECK, READ].map((route) => budget.admit(route, 0))).toEqual([
    600_000, 600_000, 600_000, 0,
  ]);
  // The hour is over, and nothing is known of the next one but that it is whole.
  expect(budget.allowances(600_000)[0]).toMatchObject({ left: 5_000, resetsAt: 600_000 });
});

test("what has no limit is not shown with one", () => {
  expect(new Budget(NO_LIMITS).allowances(0)).toEqual([]);
});
