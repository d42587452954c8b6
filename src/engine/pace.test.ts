import { expect, test } from "vitest";
import { AT, aReport, aView } from "../../test/support/comment-views.ts";
import type { Instant } from "../base/brand.ts";
import type { CheckText } from "../comment/checks.ts";
import type { ActiveRun, CommentView } from "../comment/view.ts";
import type { Notice } from "../core/notice.ts";
import { isDue, type Pace, paceOfCheck, paceOfComment } from "./pace.ts";

const PROGRESS_MS = 30_000;
const SHOWN_AT = (AT - 10_000) as Instant;
const NEXT: Pace = { kind: "later", at: SHOWN_AT + PROGRESS_MS };
const NOW: Pace = { kind: "now" };
const NEVER: Pace = { kind: "never" };

const RUN: ActiveRun = {
  number: 1,
  kind: "plan",
  state: "running",
  reads: false,
  startedAt: undefined,
};
const WORKING = { runs: [RUN], dirspaces: [aReport("net", { phase: "planning" })] };
const READING = { runs: [{ ...RUN, reads: true }] };

type Status = "queued" | "in_progress" | NonNullable<CheckText["conclusion"]>;

function check(name: CheckText["name"], status: Status): CheckText {
  const rest = { name, title: "", summary: "", buttons: [] };
  return status === "queued" || status === "in_progress"
    ? { ...rest, status, conclusion: undefined }
    : { ...rest, status: "completed", conclusion: status };
}

/** `nothing`: no such check on this commit; `unreadable`: what was stored of it by another version. */
function shown(
  status: Status | "nothing" | "unreadable",
): { at: Instant; content: string } | undefined {
  if (status === "nothing") return undefined;
  const content = status === "unreadable" ? "{" : JSON.stringify(check("terrane plan", status));
  return { at: SHOWN_AT, content };
}

test.each<
  [Parameters<typeof shown>[0], CheckText["name"], Status, string, Partial<CommentView>, Pace]
>([
  ["nothing", "terrane plan", "queued", "a branch may want it", WORKING, NOW],
  ["nothing", "terrane plan", "success", "a branch may want it", {}, NOW],
  ["nothing", "terrane apply", "success", "a branch may want it", {}, NOW],
  ["nothing", "terrane apply", "queued", "absent, it holds a merge back as well", WORKING, NEVER],
  ["nothing", "terrane apply", "queued", "that also while the code is read", READING, NEVER],
  ["queued", "terrane plan", "in_progress", "it is only progress", WORKING, NEXT],
  ["in_progress", "terrane plan", "in_progress", "it is only progress", WORKING, NEXT],
  ["in_progress", "terrane plan", "success", "it is a verdict", {}, NOW],
  ["queued", "terrane plan", "failure", "it is a verdict", {}, NOW],
  ["success", "terrane plan", "in_progress", "the verdict stands no more", WORKING, NOW],
  ["success", "terrane plan", "failure", "the verdict is another one", {}, NOW],
  ["success", "terrane plan", "success", "counts and buttons belong to it", {}, NOW],
  ["success", "terrane plan", "success", "merged, nobody looks", { state: "merged" }, NEVER],
  ["success", "terrane plan", "success", "closed, nobody looks", { state: "closed" }, NEVER],
  ["success", "terrane plan", "cancelled", "the verdict is another", { state: "closed" }, NOW],
  ["unreadable", "terrane plan", "in_progress", "nobody knows what is shown", WORKING, NOW],
])("where %s is shown, %s is to say %s: %s", (before, name, status, _why, view, pace) => {
  const placed = {
    text: check(name, status),
    phase: name === "terrane plan" ? "plan" : "apply",
  } as const;
  expect(paceOfCheck(placed, shown(before), aView(view), PROGRESS_MS)).toEqual(pace);
});

function notice(outcome: Notice["outcome"], at: number): Partial<CommentView> {
  const said = { command: "terrane apply", actor: "ann", outcome, reasons: [] };
  return { notice: { ...said, at: at as Instant } };
}

const BEGUN_AT = (AT - 25_000) as Instant;
const WRITTEN = { at: SHOWN_AT };
const FIRST: Pace = { kind: "later", at: BEGUN_AT + PROGRESS_MS };

test.each<[string, Partial<CommentView>, { readonly at: Instant } | undefined, Pace]>([
  [
    "that nothing works any more",
    { dirspaces: [aReport("net", { phase: "planned" })] },
    WRITTEN,
    NOW,
  ],
  ["at first that nothing has to be done", {}, undefined, NOW],
  ["that a job works", WORKING, WRITTEN, NEXT],
  ["at first that a job works", WORKING, undefined, FIRST],
  ["that a command is carried out", { ...WORKING, ...notice("accepted", AT) }, WRITTEN, NEXT],
  ["a refusal", { ...WORKING, ...notice("refused", AT) }, WRITTEN, NOW],
  ["an answer", { ...WORKING, ...notice("information", AT) }, WRITTEN, NOW],
  ["at first an answer", { ...WORKING, ...notice("information", AT) }, undefined, NOW],
  [
    "an answer decided on just before the last edit",
    { ...WORKING, ...notice("refused", SHOWN_AT - 4_999) },
    WRITTEN,
    NOW,
  ],
  [
    "an answer that was shown long since",
    { ...WORKING, ...notice("refused", SHOWN_AT - 5_000) },
    WRITTEN,
    NEXT,
  ],
])("a comment that says %s", (_what, view, known, pace) => {
  expect(paceOfComment(aView(view), known, BEGUN_AT, PROGRESS_MS)).toEqual(pace);
});

test("without a pause between them everything is due at once", () => {
  const free = paceOfComment(aView(WORKING), { at: AT }, AT, 0);
  expect(
    isDue(free, AT, { rememberedSince: AT, begunAt: AT, restsUntil: Number.POSITIVE_INFINITY }),
  ).toBe(true);
});

test("what rests comes up again when the first of it is due, and what is due or needless sets no time", () => {
  const pacer = { rememberedSince: AT, begunAt: AT, restsUntil: Number.POSITIVE_INFINITY };
  expect(isDue(NOW, AT, pacer)).toBe(true);
  expect(isDue(NEVER, AT, pacer)).toBe(false);
  expect(isDue({ kind: "later", at: AT }, AT, pacer)).toBe(true);
  expect(pacer.restsUntil).toBe(Number.POSITIVE_INFINITY);
  expect(isDue({ kind: "later", at: AT + 2 }, AT, pacer)).toBe(false);
  expect(isDue({ kind: "later", at: AT + 1 }, AT, pacer)).toBe(false);
  expect(isDue({ kind: "later", at: AT + 3 }, AT, pacer)).toBe(false);
  expect(pacer.restsUntil).toBe(AT + 1);
});
