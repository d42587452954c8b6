import fc from "fast-check";
import { expect, test } from "vitest";
import {
  AT,
  aCount,
  aFailed,
  aKey,
  aPlanned,
  aReport,
  aView,
  FLAVOUR,
  PLAN_TEXT,
} from "../../test/support/comment-views.ts";
import { aLock } from "../../test/support/locks.ts";
import type { Phase } from "../core/phase.ts";
import { renderChecks } from "./checks.ts";
import { DETAIL_CHARS_MAX } from "./details.ts";
import { COMMENT_CHARS_MAX } from "./sections.ts";
import { renderSticky } from "./sticky.ts";
import { TABLE_CHARS_MAX } from "./table.ts";
import type { CommentView, DirspaceReport } from "./view.ts";

const HUGE_PLAN = PLAN_TEXT.replace(
  "Plan:",
  `${'      + attribute = "some value that is not short"\n'.repeat(1_000)}Plan:`,
);

const many = (n: number, make: (dir: string, i: number) => DirspaceReport) =>
  Array.from({ length: n }, (_, i) => make(`live/team-${i % 7}/service-${i}`, i));

test.each([
  ["300 planned", many(300, (dir) => aPlanned(dir))],
  ["1,000 planned with huge plans", many(1_000, (dir) => aPlanned(dir, { planText: HUGE_PLAN }))],
  ["1,000 failed", many(1_000, (dir) => aFailed(dir))],
  ["1,000 unchanged", many(1_000, (dir) => aReport(dir, { phase: "unchanged" }))],
  [
    "1,000 waiting",
    many(1_000, (dir) => aReport(dir, { phase: "waiting", waitingFor: [aKey("a")] })),
  ],
  ["60 with names of 1,024 characters", many(60, (dir) => aPlanned(dir.padEnd(1_024, "x")))],
  ["a bit of everything", many(300, (dir, i) => (i % 3 === 0 ? aFailed(dir) : aPlanned(dir)))],
] as const)("%s fit into the comment, and all of them are counted", (_name, dirspaces) => {
  const text = renderSticky(aView({ dirspaces }), FLAVOUR);
  expect(text.length).toBeLessThanOrEqual(COMMENT_CHARS_MAX);
  expect(text.split("\n")[0]).toContain(`· ${dirspaces.length} dirspaces ·`);
  expect(text.match(/^\| `/gm)?.length ?? 0).toBeLessThanOrEqual(50);
});

test("details share the room evenly, and what is missing is counted", () => {
  const dirspaces = many(300, (dir) => aPlanned(dir, { planText: HUGE_PLAN }));
  const text = renderSticky(aView({ dirspaces }), FLAVOUR);
  const shown = text.split("<details>").length - 1;
  expect(shown).toBeGreaterThan(100);
  expect(text).toContain(`Details of ${300 - shown} more dirspaces: see [the dashboard](`);
  expect(text.length).toBeGreaterThan(COMMENT_CHARS_MAX * 0.75);
});

test("one huge plan does not take the room of the small ones", () => {
  const dirspaces = [
    aPlanned("huge", { planText: HUGE_PLAN }),
    ...many(30, (dir) => aPlanned(dir)),
  ];
  const text = renderSticky(aView({ dirspaces }), FLAVOUR);
  expect(text.match(/Plan: 2 to add/g)).toHaveLength(31);
});

test("a plan of 1,000 lines shows 120 of them at most", () => {
  const text = renderSticky(
    aView({ dirspaces: [aPlanned("a", { planText: HUGE_PLAN })] }),
    FLAVOUR,
  );
  const block = /```diff\n([\s\S]*?)\n```/.exec(text)?.[1] ?? "";
  expect(block.split("\n").length).toBeLessThanOrEqual(120);
  expect(block).toMatch(/… \d+ lines not shown …/);
  expect(block.length).toBeLessThanOrEqual(DETAIL_CHARS_MAX);
});

test("errors come before changes, each with the end of its output", () => {
  const failed = many(20, (dir, i) =>
    aFailed(dir, {
      failure: {
        step: "plan",
        message: "",
        tail: `${"noise\n".repeat(100)}Error: number ${i}.`,
        exitCode: 1,
        signal: null,
      },
    }),
  );
  const text = renderSticky(
    aView({ dirspaces: [...many(300, (dir) => aPlanned(`z/${dir}`)), ...failed] }),
    FLAVOUR,
  );
  for (let i = 0; i < 20; i += 1) expect(text).toContain(`Error: number ${i}.`);
});

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

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constant("`".repeat(500)),
  fc.constant('<&>"@'.repeat(400)),
  fc.constant(HUGE_PLAN),
);

const report: fc.Arbitrary<DirspaceReport> = fc
  .record({
    dir: anyText,
    phase: fc.constantFrom(...PHASES),
    text: anyText,
    n: fc.nat(50),
  })
  .map(({ dir, phase, text, n }) =>
    aReport(dir, {
      phase,
      counts: aCount({ create: n, delete: 1 }),
      changes: Array.from({ length: n }, () => ({
        address: text.slice(0, 500),
        action: "delete",
        replacePaths: [text],
      })),
      planText: text,
      failure: { step: text, message: text, tail: text, exitCode: 1, signal: null },
      waitingFor: [aKey(dir)],
      outputs: [{ name: text, sensitive: n % 2 === 0, value: text }],
      locks: [aLock(n, { since: AT })],
    }),
  );

const view: fc.Arbitrary<CommentView> = fc
  .record({
    dirspaces: fc.array(report, { maxLength: 40 }),
    text: anyText,
    state: fc.constantFrom("open", "merged", "closed"),
    notices: fc.nat(20),
  })
  .map(({ dirspaces, text, state, notices }) =>
    aView({
      dirspaces,
      state,
      baseRef: text,
      deletedDirs: [text],
      notice: {
        at: AT,
        command: text,
        actor: text,
        outcome: "refused",
        reasons: Array.from({ length: notices }, () => ({
          code: "bad_query",
          query: text,
          message: text,
          offset: 0,
        })),
      },
    }),
  );

test("whatever the view and the limit, the comment fits and the checks too", () => {
  fc.assert(
    fc.property(view, fc.integer({ min: 1, max: 70_000 }), (any, limit) => {
      const text = renderSticky(any, { ...FLAVOUR, commentCharsMax: limit });
      expect(text.length).toBeLessThanOrEqual(Math.min(limit, COMMENT_CHARS_MAX));
      for (const check of renderChecks(any, FLAVOUR)) {
        expect(check.title.length).toBeLessThanOrEqual(120);
        expect(check.summary.length).toBeLessThanOrEqual(65_535);
      }
      const table = /(?:^\|.*\n?)+/m.exec(text)?.[0] ?? "";
      expect(table.length).toBeLessThanOrEqual(TABLE_CHARS_MAX + 1);
      expect((text.split("\n")[0] ?? "").length).toBeLessThanOrEqual(124);
    }),
    { numRuns: 60 },
  );
});

test("the order of the lists in a view changes nothing", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
      const all = [
        aPlanned("a"),
        aFailed("b"),
        aReport("c"),
        aPlanned("a", { workspace: "x" }),
        aReport("d", { phase: "unchanged" }),
      ];
      const turned = order.flatMap((i) => all[i] ?? []);
      expect(renderSticky(aView({ dirspaces: turned }), FLAVOUR)).toBe(
        renderSticky(aView({ dirspaces: all }), FLAVOUR),
      );
    }),
  );
});
