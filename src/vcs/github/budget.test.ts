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

test("without limits nothing waits", () => {
  expect(burst(new Budget(NO_LIMITS), COMMENT, 0)).toBe(10_000);
});

test("in no minute and no hour more goes out than GitHub allows to a caller that starts fresh", () => {
  const calls = fc.array(fc.tuple(fc.constantFrom(...ROUTES), fc.integer({ min: 0, max: 3_000 })), {
    minLength: 500,
    maxLength: 3_000,
  });
  fc.assert(
    fc.property(calls, (wanted) => {
      const budget = new Budget(GITHUB_LIMITS);
      let now = 0;
      let points = 0;
      let content = 0;
      for (const [route, pause] of wanted) {
        now += pause;
        if (budget.admit(route, now) > 0) continue;
        points += costOf(route).points;
        content += costOf(route).content ? 1 : 0;
      }
      // A bucket lets at most its fill and what flowed in since go out.
      const minutes = now / 60_000;
      expect(points).toBeLessThanOrEqual(GITHUB_LIMITS.pointsPerMinute * (1 + minutes));
      expect(content).toBeLessThanOrEqual(GITHUB_LIMITS.contentPerMinute * (1 + minutes));
      expect(content).toBeLessThanOrEqual(GITHUB_LIMITS.contentPerHour * (1 + minutes / 60));
    }),
    { numRuns: 50 },
  );
});
