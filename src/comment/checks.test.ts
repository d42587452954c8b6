import { expect, test } from "vitest";
import {
  aCount,
  aFailed,
  aPlanned,
  aReport,
  aView,
  FLAVOUR,
} from "../../test/support/comment-views.ts";
import type { Phase } from "../core/phase.ts";
import { renderChecks } from "./checks.ts";
import type { CommentView } from "./view.ts";

function verdicts(view: CommentView): string {
  return renderChecks(view, FLAVOUR)
    .map(({ status, conclusion }) => conclusion ?? status)
    .join(", ");
}

function withPhases(phases: readonly Phase[], parts: Partial<CommentView> = {}): CommentView {
  return aView({
    dirspaces: phases.map((phase, i) => aReport(`d${i}`, { phase, counts: aCount({ create: 1 }) })),
    ...parts,
  });
}

const RUNS = {
  none: [],
  queued: [{ number: 1, kind: "plan", state: "queued", reads: false, startedAt: undefined }],
  planning: [{ number: 1, kind: "plan", state: "running", reads: false, startedAt: undefined }],
  applying: [{ number: 2, kind: "apply", state: "running", reads: false, startedAt: undefined }],
} as const;

test.each<[phases: readonly Phase[], runs: keyof typeof RUNS, state: CommentView["state"], string]>(
  [
    // phases                        runs        state     plan, apply
    [[], "none", "open", "success, neutral"],
    [["unchanged"], "none", "open", "success, neutral"],
    [["planning"], "queued", "open", "queued, queued"],
    [["planning", "planned"], "planning", "open", "in_progress, queued"],
    [["planned", "unchanged"], "none", "open", "success, queued"],
    [["planned", "waiting"], "none", "open", "success, queued"],
    [["plan_failed", "planned"], "none", "open", "failure, queued"],
    [["stale"], "none", "open", "action_required, queued"],
    [["unplanned"], "none", "open", "action_required, queued"],
    [["applying", "planned"], "none", "open", "success, queued"],
    [["applying", "planned"], "applying", "open", "success, in_progress"],
    [["unknown", "applied"], "none", "open", "success, in_progress"],
    [["applied", "planned"], "none", "open", "success, queued"],
    [["applied", "unchanged"], "none", "open", "success, success"],
    [["apply_failed", "applied"], "none", "open", "success, failure"],
    [["applied"], "none", "merged", "success, success"],
    [["planned"], "none", "merged", "success, queued"],
    [["planned"], "none", "closed", "success, cancelled"],
    [["unplanned"], "none", "closed", "cancelled, cancelled"],
    [["applied"], "none", "closed", "success, success"],
    [["applying"], "applying", "closed", "success, in_progress"],
  ],
)(
  "phases %j with runs %s of a pull request that is %s give the checks %s",
  (phases, runs, state, outcome) => {
    expect(verdicts(withPhases(phases, { runs: RUNS[runs], state }))).toBe(outcome);
  },
);

test.each<[readonly Phase[], CommentView["state"], string]>([
  [["planned"], "open", "plan why / apply why"],
  [["planning"], "open", "why / why"],
  [["applied", "apply_failed"], "open", "plan why / apply why"],
  [["planned"], "merged", " / apply why"],
  [["planned"], "closed", " / "],
])("phases %j of a pull request that is %s offer the buttons %s", (phases, state, outcome) => {
  const checks = renderChecks(withPhases(phases, { state }), FLAVOUR);
  expect(checks.map(({ buttons }) => buttons.join(" ")).join(" / ")).toBe(outcome);
});

test("a configuration error fails both checks, a warning neither", () => {
  const found = {
    code: "unknown_key",
    message: "there is no key `x`",
    file: "c.yml",
    line: 1,
    column: 1,
    path: "x",
  } as const;
  expect(verdicts(aView({ diagnostics: [{ ...found, severity: "error" }] }))).toBe(
    "failure, failure",
  );
  expect(verdicts(aView({ diagnostics: [{ ...found, severity: "warning" }] }))).toBe(
    "success, neutral",
  );
});

const PHASES: readonly Phase[] = [
  "unplanned",
  "waiting",
  "planned",
  "unchanged",
  "stale",
  "plan_failed",
  "applied",
  "apply_failed",
];

test("where nothing runs the plan check has ended, and a conclusion comes exactly with the end", () => {
  for (const first of PHASES) {
    for (const second of PHASES) {
      const [plan, apply] = renderChecks(withPhases([first, second]), FLAVOUR);
      expect(plan?.status, `${first} ${second}`).toBe("completed");
      for (const check of [plan, apply]) {
        expect(check?.conclusion !== undefined).toBe(check?.status === "completed");
        expect(check?.title.length).toBeLessThanOrEqual(120);
      }
    }
  }
});

test("the summary of a check says what a queued run waits for", () => {
  const run = {
    number: 1,
    kind: "plan",
    state: "queued",
    reads: false,
    startedAt: undefined,
  } as const;
  const summary = (wait: NonNullable<CommentView["runs"][number]["wait"]>) =>
    renderChecks(aView({ runs: [{ ...run, wait }] }), FLAVOUR)[0]?.summary;
  expect(summary({ position: 4, running: 19, caps: [], applyOf: undefined })).toContain(
    "plan run 1, queued: position 4, waits for a free CI job (19 of the repository running)",
  );
  const repository = { of: "repository", name: "acme/infra", running: 20, max: 20 } as const;
  const environment = { of: "environment", name: "pro|d", running: 2, max: 2 } as const;
  const full = [repository, environment];
  expect(summary({ position: 4, running: 20, caps: full, applyOf: undefined })).toContain(
    "queued: position 4, waits for a free CI job (20 of 20 of the repository running, 2 of 2 of the environment `pro|d` running)",
  );
  expect(summary({ position: 1, running: 2, caps: [], applyOf: 12 })).toContain(
    "plan run 1, queued: waits for the apply of pull request 12",
  );
});

test("the summary of a check holds counts, table and errors", () => {
  const view = aView({ dirspaces: [aPlanned("prod"), aFailed("dev")] });
  const [plan] = renderChecks(view, FLAVOUR);
  expect(plan?.title).toBe("Plan failed · 2 dirspaces · 1 failed · 1 to apply");
  expect(plan?.summary).toMatchInlineSnapshot(`
    "+1 create · ~​0 update · ±1 replace · −1 destroy

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC · [dashboard](https://terrane.example/r/1/pulls/7)

    | Dirspace | + | ~ | ± | − | Status |
    |---|--:|--:|--:|--:|---|
    | \`dev\` |  |  |  |  | **plan failed** |
    | \`prod\` | 1 | 0 | 1 | 1 | to apply |

    <details open><summary><code>dev</code>: plan failed</summary>

    Step \`init\` ended with exit code 1: terraform init ended with an error

    \`\`\`text
    Initializing the backend...

    Error: Failed to get existing workspaces: AccessDenied
    \`\`\`

    </details>"
  `);
});
