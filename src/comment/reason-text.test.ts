import { expect, test } from "vitest";
import { ONE_OF_EACH } from "../../test/support/reasons.ts";
import { waitKindOf } from "../core/explain/wait.ts";
import type { ReasonCode } from "../core/reason.ts";
import { explain, isRefusal } from "./reason-text.ts";

test.each(Object.values(ONE_OF_EACH))(
  "$code is said without apology, and its backquotes come in pairs",
  (reason) => {
    const { code, title, cause, next } = explain(reason);
    expect(code).toMatch(/^[EI]_[A-Z_]+$/);
    for (const text of [title, cause, ...(next === undefined ? [] : [next])]) {
      expect(text).not.toMatch(/!|sorry|please|undefined|\n|^\s|\s$/i);
      expect(text.split("`").length % 2).toBe(1);
    }
    for (const text of [cause, ...(next === undefined ? [] : [next])])
      expect(text).toMatch(/[.?]$/);
    expect(title).not.toMatch(/\.$/);
  },
);

test("every refusal says what to do next", () => {
  const refusals = Object.values(ONE_OF_EACH).filter(isRefusal);
  expect(refusals.length).toBeGreaterThan(25);
  for (const reason of refusals) expect(explain(reason).next, reason.code).toMatch(/\S/);
});

/** These say what was done or seen. Whoever reads them has nothing to do, because what follows comes by itself. */
const NOTHING_TO_DO: ReadonlySet<ReasonCode> = new Set([
  "observed",
  "event_outdated",
  "plan_started",
  "apply_started",
  "autoapply_started",
  "run_finished",
  "issues_left",
  "reviewers_asked",
  "run_superseded",
  "locks_released",
  "wait_ended",
  "no_drift_locks",
  "all_applied",
  "automerge_started",
  "group_judged",
  "config_shown",
  "help_shown",
  "index_shown",
  "feedback_heard",
]);

test.each(Object.values(ONE_OF_EACH))(
  "$code says what to do next, or nothing is to be done",
  (reason) => {
    expect(explain(reason).cause).toMatch(/\S/);
    expect(explain(reason).next === undefined).toBe(NOTHING_TO_DO.has(reason.code));
  },
);

test("whatever somebody waits for says what would change it", () => {
  const waited = Object.values(ONE_OF_EACH).filter(({ code }) => waitKindOf(code) !== undefined);
  expect(waited.length).toBeGreaterThan(30);
  for (const reason of waited) expect(explain(reason).next, reason.code).toMatch(/\S/);
});

test("the words of all reasons", () => {
  const lines = Object.values(ONE_OF_EACH).map((reason) => {
    const { code, title, cause, next } = explain(reason);
    return [`${code}: ${title}`, `  ${cause}`, ...(next === undefined ? [] : [`  → ${next}`])].join(
      "\n",
    );
  });
  expect(lines.join("\n")).toMatchSnapshot();
});

test("values of others cannot end the code they are shown in", () => {
  const { cause } = explain({ code: "unknown_command", word: "a`b @all`", nearest: undefined });
  expect(cause).toBe("There is no command `a'b @all'`.");
});

test("an unlock that was only passed on claims neither that a lock is given up nor that the number is known", () => {
  const { title, cause, next } = explain({ code: "unlock_forwarded", to: [12] });
  expect([title, cause, next].join(" ")).not.toMatch(/given up|released|free/i);
  expect(cause).toContain("pull request 12");
  expect(next).toMatch(/comment of pull request 12 .*nothing happens\./);
});
