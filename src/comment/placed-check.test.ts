import { expect, test } from "vitest";
import { aReport, aView, FLAVOUR } from "../../test/support/comment-views.ts";
import type { Phase } from "../core/phase.ts";
import { isMade, renderPlacedChecks } from "./placed-check.ts";
import type { CommentView } from "./view.ts";

const LATE = { lateApplyChecks: { onNoop: false } };
const LATE_OR_NOOP = { lateApplyChecks: { onNoop: true } };

function made(phases: readonly Phase[], parts: Partial<CommentView>): readonly string[] {
  const dirspaces = phases.map((phase, index) => aReport(`d${index}`, { phase }));
  const view = aView({ dirspaces, ...parts });
  return renderPlacedChecks(view, FLAVOUR)
    .filter((placed) => isMade(placed, view))
    .map(({ text }) => text.name);
}

test.each<
  [
    phases: readonly Phase[],
    state: CommentView["state"],
    usual: boolean,
    late: boolean,
    orNoop: boolean,
  ]
>([
  // phases                     state     usual  late   late or no-op
  [["planning"], "open", true, false, false],
  [["planned", "unchanged"], "open", true, false, false],
  [["plan_failed"], "open", true, false, false],
  [["stale"], "open", true, false, false],
  [["unplanned"], "open", true, false, false],
  [["planned"], "merged", true, false, false],
  [["planned"], "closed", true, false, false],
  [["unchanged"], "open", true, false, true],
  [[], "open", true, false, true],
  [["applying", "planned"], "open", true, true, true],
  [["unknown"], "open", true, true, true],
  [["applied", "planned"], "open", true, true, true],
  [["applied"], "merged", true, true, true],
  [["apply_failed"], "open", true, true, true],
  [["applied", "planned"], "closed", true, true, true],
])(
  "of phases %j, %s, the check of the apply is made: %s, late %s, late or on no-op %s",
  (phases, state, usual, late, orNoop) => {
    const isThere = (showing: CommentView["showing"]) => made(phases, { state, showing });
    const checks = (apply: boolean) => ["terrane plan", ...(apply ? ["terrane apply"] : [])];
    expect(isThere(undefined)).toEqual(checks(usual));
    expect(isThere(LATE)).toEqual(checks(late));
    expect(isThere(LATE_OR_NOOP)).toEqual(checks(orNoop));
  },
);

test("a configuration error is told by both checks, however late they are made", () => {
  const error = {
    code: "unknown_key",
    severity: "error",
    message: "there is no key `x`",
    file: "c.yml",
    line: 1,
    column: 1,
    path: "x",
  } as const;
  expect(made([], { showing: LATE, diagnostics: [error] })).toEqual([
    "terrane plan",
    "terrane apply",
  ]);
});

test("late checks of dirspaces, and statuses, are made for what is applied only", () => {
  const dirspaces = { ...LATE, dirspaceChecksMax: 20 };
  expect(made(["applied", "planned", "unchanged"], { showing: dirspaces })).toEqual([
    "terrane plan",
    "terrane apply",
    "terrane plan: d0 default",
    "terrane apply: d0 default",
    "terrane plan: d1 default",
    "terrane plan: d2 default",
  ]);
  const showing = { ...LATE, statuses: "terrateam" } as const;
  const withStatuses = (phases: readonly Phase[]) => {
    const view = aView({ dirspaces: phases.map((phase) => aReport("d", { phase })), showing });
    return renderPlacedChecks(view, { ...FLAVOUR, hasStatuses: true })
      .filter((placed) => isMade(placed, view))
      .map(({ text }) => text.name);
  };
  expect(withStatuses(["planned"])).toEqual(["terrane plan", "terrateam plan"]);
  expect(withStatuses(["applied"])).toEqual([
    "terrane plan",
    "terrane apply",
    "terrateam plan",
    "terrateam apply",
  ]);
});
