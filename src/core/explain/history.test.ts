import { expect, test } from "vitest";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { AccountId, RunId } from "../ids.ts";
import type { Reason } from "../reason.ts";
import { lastSaid, type Moment, momentsOf } from "./history.ts";

const net = "net:default" as DirspaceKey;
const db = "db:default" as DirspaceKey;
const run = "1.1" as RunId;
const other = "2.1" as RunId;

const whose = (dir: string) => ({
  key: `${dir}:default` as DirspaceKey,
  subject: { tags: new Set([`dir:${dir}`]), dir },
});

const DENIED = {
  login: "ann",
  operation: "plan",
  allowed: [],
  branch: "main",
  unreadable: [],
} as const;

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
  const codes = momentsOf(MOMENTS, whose("net")).flatMap(({ reasons }) =>
    reasons.map(({ code }) => code),
  );
  expect(codes).toEqual(["disabled", "locked", "run_finished", "plan_started"]);
});

test("runs that are no longer kept are still known by the decisions that started them", () => {
  const ids = momentsOf(MOMENTS, whose("db")).map(({ id }) => id);
  expect(ids).toEqual(["6", "4", "2"]);
});

test.each([
  ["terrane apply", ["db", "net"]],
  ["terrane apply dir:net", ["net"]],
  ["terrane plan not dir:net", ["db"]],
  ["terrane help", []],
  ["apply this when you can", []],
])("`%s` that is refused stands in the story of all that it meant", (body, expected) => {
  const refusal: Reason = { code: "plan_failed", dirspaces: ["app:default" as DirspaceKey] };
  const author = { id: "1" as AccountId, login: "ann" };
  const event = { kind: "commented", commentId: "c1", author, body } as const;
  const moments = [{ id: "1", at: 1 as Instant, event, reasons: [refusal] }];
  const told = ["db", "net"].filter((dir) => momentsOf(moments, whose(dir)).length > 0);
  expect(told).toEqual(expected);
  expect(momentsOf(moments, whose("app"))).toEqual(moments);
});

test("a command that was done for a dirspace is not told of as refused for another", () => {
  const reasons: readonly Reason[] = [
    { code: "plan_started", runId: run, dirspaces: [net], why: "asked" },
    { code: "access_denied", ...DENIED, dirspaces: [db] },
  ];
  const author = { id: "1" as AccountId, login: "ann" };
  const event = { kind: "commented", commentId: "c1", author, body: "terrane plan" } as const;
  const [moment] = momentsOf([{ id: "1", at: 1 as Instant, event, reasons }], whose("net"));
  expect(moment?.reasons.map(({ code }) => code)).toEqual(["plan_started"]);
});

test("what was said last is what the newest look said, and not what a run reported since", () => {
  expect(lastSaid(MOMENTS)).toEqual([{ code: "disabled" }]);
  expect(lastSaid(told([{ code: "disabled" }], [{ code: "plans_current" }]))).toEqual([
    { code: "plans_current" },
  ]);
  expect(lastSaid([])).toEqual([]);
});
