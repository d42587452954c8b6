import { expect, test } from "vitest";
import {
  AT,
  aCount,
  aFailed,
  aKey,
  aPlanned,
  aReport,
  FLAVOUR,
  PLAN_TEXT,
} from "../../test/support/comment-views.ts";
import { renderResult } from "./result.ts";
import type { ResultReport, ResultView } from "./result-view.ts";
import { COMMENT_CHARS_MAX } from "./sections.ts";
import type { DirspaceReport } from "./view.ts";

function aResult(report: DirspaceReport, run = 3, notStarted?: string): ResultReport {
  return { ...report, run, notStarted };
}

function aResultView(parts: Partial<ResultView> = {}): ResultView {
  return {
    number: 7,
    run: {
      number: 3,
      kind: "plan",
      outcome: "finished",
      headSha: "abcdef0123456789abcdef0123456789abcdef01",
      endedAt: AT,
    },
    summary: false,
    own: [],
    carried: [],
    dashboardUrl: "https://terrane.example/r/1/pulls/7",
    ...parts,
  };
}

const MIXED: Partial<ResultView> = {
  own: [
    aResult(aPlanned("app")),
    aResult(aFailed("net")),
    aResult(aReport("dns", { phase: "unchanged" })),
    aResult(aReport("web", { phase: "waiting", waitingFor: [aKey("app")] })),
    aResult(aReport("x"), 3, "a newer commit was pushed"),
    aResult(aReport("y", { workspace: "blue" }), 3, "a newer commit was pushed"),
  ],
  carried: [
    aResult(aReport("db", { phase: "unchanged" }), 1),
    aResult(
      aPlanned("iam", {
        phase: "applied",
        counts: aCount({ update: 2 }),
        changes: [{ address: "aws_iam_role.a", action: "update", replacePaths: [] }],
      }),
      2,
    ),
  ],
};

test("a run tells what it found out, what it left, and what still holds from before", () => {
  expect(renderResult(aResultView(MIXED), FLAVOUR)).toMatchSnapshot();
});

test("with a summary it begins with the table and the counts", () => {
  const text = renderResult(aResultView({ ...MIXED, summary: true }), FLAVOUR);
  expect(text.split("\n\n").slice(0, 4).join("\n\n")).toMatchSnapshot();
});

test("an apply that was cancelled says so, and the plan that it was to carry out stays there", () => {
  const view = aResultView({
    run: { ...aResultView().run, kind: "apply", outcome: "cancelled" },
    own: [aResult(aPlanned("app"), 3, "cancelled by ann")],
  });
  const text = renderResult(view, FLAVOUR);
  expect(text).toContain("### Apply run 3, cancelled · 1 dirspace · 1 to apply");
  expect(text).toContain("- `app`: not started, cancelled by ann");
  expect(text).toContain("Plan: 2 to add");
});

test("words of others mean nothing in it", () => {
  const because = "@everyone `x` <img> [a](http://b) #1\n# big";
  const own = [aResult(aReport("a|b`c"), 3, because)];
  const text = renderResult(aResultView({ own, summary: true }), FLAVOUR);
  expect(text).not.toContain("@everyone");
  expect(text).not.toContain("<img>");
  expect(text).not.toMatch(/[^\\]\[a\]/);
  expect(text).not.toMatch(/^# big/m);
});

test("however much there is, it keeps within its length, and the end of each error is there", () => {
  const failed = Array.from({ length: 20 }, (_, i) =>
    aResult(
      aFailed(`f${i}`, {
        failure: {
          step: "plan",
          message: "",
          tail: `${"noise\n".repeat(100)}Error: number ${i}.`,
          exitCode: 1,
          signal: null,
        },
      }),
    ),
  );
  const plan = PLAN_TEXT.replace("Plan:", `${"      + attribute = 1\n".repeat(2_000)}Plan:`);
  const own = [
    ...failed,
    ...Array.from({ length: 300 }, (_, i) => aResult(aPlanned(`p${i}`, { planText: plan }))),
    ...Array.from({ length: 300 }, (_, i) => aResult(aReport(`n${i}`), 3, `because of ${i}`)),
  ];
  const carried = Array.from({ length: 300 }, (_, i) =>
    aResult(i % 2 === 0 ? aPlanned(`c${i}`) : aReport(`c${i}`, { phase: "unchanged" }), 1),
  );
  const text = renderResult(aResultView({ own, carried, summary: true }), FLAVOUR);
  expect(text.length).toBeLessThanOrEqual(COMMENT_CHARS_MAX);
  for (let i = 0; i < 20; i += 1) expect(text).toContain(`Error: number ${i}.`);
  expect(text).toMatch(/Details of \d+ more dirspaces: see \[the dashboard\]/);
  for (const commentCharsMax of [100, 500, 2_000, 10_000]) {
    const short = renderResult(aResultView({ own, carried }), { ...FLAVOUR, commentCharsMax });
    expect(short.length).toBeLessThanOrEqual(commentCharsMax);
    expect(short).toContain("### Plan run 3");
  }
});
