import { expect, test } from "vitest";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { RunId } from "../ids.ts";
import type { Reason } from "../reason.ts";
import { lastSaid, type Moment, momentsOf } from "./history.ts";

const net = "net:default" as DirspaceKey;
const db = "db:default" as DirspaceKey;
const run = "1.1" as RunId;
const other = "2.1" as RunId;

/** Oldest first, as they happened. */
function told(...all: readonly (readonly Reason[])[]): readonly Moment[] {
  return all
    .map((reasons, index) => ({
      id: String(index + 1),
      at: index as Instant,
      event: { kind: "review_changed" } as const,
      reasons,
    }))
    .toReversed();
}

const MOMENTS = told(
  [{ code: "plan_started", runId: run, dirspaces: [net], why: "changed" }],
  [{ code: "plan_started", runId: other, dirspaces: [db], why: "changed" }],
  [{ code: "run_finished", runId: run }],
  [{ code: "run_failed", runId: other, message: "x" }],
  [{ code: "locked", locks: [{ dirspace: net, by: 9, because: "applied" }] }],
  [{ code: "disabled" }],
  [{ code: "observed" }],
);

test("a dirspace's history is what names it, what its runs did, and what was about everything", () => {
  const codes = momentsOf(MOMENTS, net).flatMap(({ reasons }) => reasons.map(({ code }) => code));
  expect(codes).toEqual(["disabled", "locked", "run_finished", "plan_started"]);
});

test("runs that are no longer kept are still known by the decisions that started them", () => {
  const ids = momentsOf(MOMENTS, db).map(({ id }) => id);
  expect(ids).toEqual(["6", "4", "2"]);
});

test("what was said last is what the newest look said, and not what a run reported since", () => {
  expect(lastSaid(MOMENTS)).toEqual([{ code: "disabled" }]);
  expect(lastSaid(told([{ code: "disabled" }], [{ code: "plans_current" }]))).toEqual([
    { code: "plans_current" },
  ]);
  expect(lastSaid([])).toEqual([]);
});
