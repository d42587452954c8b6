import fc from "fast-check";
import { expect, test } from "vitest";
import { aCount, aKey, aReport, aView, FLAVOUR } from "../../test/support/comment-views.ts";
import type { Phase } from "../core/phase.ts";
import { renderPlacedChecks } from "./placed-check.ts";
import type { CommentView } from "./view.ts";

const PHASES: readonly Phase[] = [
  "unplanned",
  "waiting",
  "planning",
  "planned",
  "unchanged",
  "stale",
  "plan_failed",
  "applying",
  "unknown",
  "applied",
  "apply_failed",
];

function shown(phase: Phase, parts: Partial<CommentView> = {}) {
  const counts = aCount({ create: 2 });
  const report = aReport("net", { phase, counts, waitingFor: [aKey("vpc")] });
  const view = aView({ dirspaces: [report], showing: { dirspaceChecksMax: 20 }, ...parts });
  return renderPlacedChecks(view, FLAVOUR)
    .slice(2)
    .map(({ text }) => [text.conclusion ?? text.status, text.title]);
}

test.each<[Phase, [string, string], [string, string]]>([
  ["unplanned", ["action_required", "Not planned"], ["queued", "Not planned"]],
  ["waiting", ["queued", "Waits for vpc"], ["queued", "Waits for vpc"]],
  ["planning", ["in_progress", "Planning"], ["queued", "Planning"]],
  ["planned", ["success", "+2 ~​0 ±0 −0"], ["queued", "Waiting for apply"]],
  ["unchanged", ["success", "No changes"], ["neutral", "Nothing to apply"]],
  ["stale", ["action_required", "Plan again"], ["queued", "Plan again"]],
  ["plan_failed", ["failure", "Plan failed"], ["queued", "Plan failed"]],
  ["applying", ["success", "+2 ~​0 ±0 −0"], ["in_progress", "Applying"]],
  ["unknown", ["success", "+2 ~​0 ±0 −0"], ["in_progress", "Apply in doubt"]],
  ["applied", ["success", "+2 ~​0 ±0 −0"], ["success", "Applied"]],
  ["apply_failed", ["success", "+2 ~​0 ±0 −0"], ["failure", "Apply failed"]],
])("what is %s shows %o and %o", (phase, plan, apply) => {
  expect(shown(phase)).toEqual([plan, apply]);
});

test("of what is closed every check has ended, but for an apply that goes on", () => {
  for (const phase of PHASES) {
    const open = shown(phase, { state: "closed" }).filter(([state]) =>
      ["queued", "in_progress"].includes(state ?? ""),
    );
    expect(open.length, phase).toBe(phase === "applying" || phase === "unknown" ? 1 : 0);
  }
});

const NAMED = aReport("net", { phase: "planned" });

test.each<[string, CommentView["showing"], boolean, readonly string[]]>([
  ["nothing more", undefined, true, []],
  [
    "dirspaces",
    { dirspaceChecksMax: 1 },
    true,
    ["check terrane plan: net default", "check terrane apply: net default"],
  ],
  [
    "statuses",
    { statuses: "terrateam" },
    true,
    ["status terrateam plan", "status terrateam apply"],
  ],
  [
    "both",
    { statuses: "terrane", dirspaceChecksMax: 1 },
    true,
    [
      "status terrane plan",
      "status terrane apply",
      "status terrane plan: net default",
      "status terrane apply: net default",
    ],
  ],
  [
    "statuses of one kind",
    { statuses: "terrateam" },
    false,
    ["check terrateam plan", "check terrateam apply"],
  ],
  ["the same names of one kind", { statuses: "terrane" }, false, []],
])("with %s configured these are shown beside the two", (_what, showing, hasStatuses, names) => {
  const flavour = hasStatuses ? { ...FLAVOUR, hasStatuses: true as const } : FLAVOUR;
  const placed = renderPlacedChecks(aView({ dirspaces: [NAMED], showing }), flavour);
  expect(placed.slice(0, 2).map(({ text }) => text.name)).toEqual([
    "terrane plan",
    "terrane apply",
  ]);
  expect(
    placed.slice(2).map(({ text, isStatus }) => `${isStatus ? "status" : "check"} ${text.name}`),
  ).toEqual(names);
});

test("names are short enough for a forge, and each is another one", () => {
  const dir = fc.string({ minLength: 1, maxLength: 600, unit: "grapheme" });
  fc.assert(
    fc.property(fc.uniqueArray(dir, { minLength: 1, maxLength: 6 }), fc.nat(5), (dirs, long) => {
      const all = [
        ...dirs,
        `${"a".repeat(300)}${long}${"b".repeat(300)}`,
        `${"a".repeat(300)}x${"b".repeat(300)}`,
      ];
      const dirspaces = all.map((one) => aReport(one));
      const view = aView({ dirspaces, showing: { dirspaceChecksMax: 99 } });
      const names = renderPlacedChecks(view, FLAVOUR).map(({ text }) => text.name);
      expect(new Set(names).size).toBe(names.length);
      expect(Math.max(...names.map((name) => name.length))).toBeLessThan(255);
    }),
  );
});
