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
} from "../../test/support/comment-views.ts";
import { aLock } from "../../test/support/locks.ts";
import { renderSticky } from "./sticky.ts";

test("a plan shows what failed, what changes and what waits, in that order", () => {
  const view = aView({
    dirspaces: [
      aReport("network", { phase: "unchanged", counts: aCount({}) }),
      aReport("prod/app", { phase: "waiting", waitingFor: [aKey("prod/db")] }),
      aPlanned("prod/db"),
      aPlanned("prod/db", {
        workspace: "blue",
        counts: aCount({ update: 4 }),
        changes: [],
        planText: undefined,
      }),
      aFailed("dev"),
    ],
  });
  expect(renderSticky(view, FLAVOUR)).toMatchSnapshot();
});

test("a refused apply says who holds the lock and how to go on", () => {
  const view = aView({
    dirspaces: [
      aPlanned("prod/db", {
        changes: [],
        planText: undefined,
        locks: [aLock(12, { since: AT })],
      }),
    ],
    othersFirst: true,
    notice: {
      at: AT,
      command: "terrane apply",
      actor: "alice",
      outcome: "refused",
      reasons: [
        {
          code: "locked",
          locks: [{ dirspace: aKey("prod/db"), by: 12, because: "applied" }],
        },
        {
          code: "not_approved",
          dirspaces: [aKey("prod/db")],
          have: ["bob"],
          need: 2,
          missing: ["team:dba"],
          unreadable: [],
        },
      ],
    },
  });
  expect(renderSticky(view, FLAVOUR)).toMatchInlineSnapshot(`
    "### Planned · 1 dirspace · 1 to apply

    +1 create · ~​0 update · ±1 replace · −1 destroy

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC · [dashboard](https://terrane.example/r/1/pulls/7)

    **\`terrane apply\` by \`alice\` was refused**

    - **Locked by another pull request** (\`E_LOCKED\`): \`prod/db\` is locked by pull request 12, which applied it and is not merged yet. See #12. Next: Finish pull request 12, or give the locks up with \`terrane unlock 12\`.
    - **Approvals are missing** (\`E_NOT_APPROVED\`): \`prod/db\` needs 2 approvals of this commit by people other than the author; approved by \`bob\`. Missing: \`team:dba\`. Next: Get the approvals, then comment \`terrane apply\`. An approval of an older commit does not count.

    | Dirspace | + | ~ | ± | − | Status |
    |---|--:|--:|--:|--:|---|
    | \`prod/db\` | 1 | 0 | 1 | 1 | to apply, locked by #12 |"
  `);
});

test("an applied pull request shows its outputs, never the sensitive ones, and how to free its locks", () => {
  const view = aView({
    dirspaces: [
      aPlanned("prod/db", {
        phase: "applied",
        locks: [aLock(7, { since: AT })],
        outputs: [
          { name: "endpoint", sensitive: false, value: '"db.example"' },
          { name: "password", sensitive: true, value: "hunter2" },
          { name: "token", sensitive: false, value: null },
        ],
      }),
    ],
  });
  const text = renderSticky(view, FLAVOUR);
  expect(text).not.toContain("hunter2");
  expect(text).toMatchInlineSnapshot(`
    "### Applied · 1 dirspace · 1 applied

    +1 create · ~​0 update · ±1 replace · −1 destroy

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC · [dashboard](https://terrane.example/r/1/pulls/7)

    | Dirspace | + | ~ | ± | − | Status |
    |---|--:|--:|--:|--:|---|
    | \`prod/db\` | 1 | 0 | 1 | 1 | applied |

    <details><summary><code>prod/db</code>: +1 ~​0 ±1 −1, applied</summary>

    - destroy \`terraform_data.old\`
    - replace \`terraform_data.db\`, because of \`triggers_replace\`
    - create \`terraform_data.app\`

    3 outputs:

    \`\`\`text
    endpoint = "db.example"
    password = (sensitive)
    token = (sensitive)
    \`\`\`

    </details>

    **Next:** merge the pull request · \`terrane unlock\` gives up the locks of this pull request"
  `);
});

test.each([
  ["cancelling", "apply run 3, was asked to stop and has not ended, running since"],
  ["unknown", "apply run 3, contact lost while it applied, running since"],
] as const)("S3 S4 a run that is %s is not said to run", (standing, words) => {
  const run = { number: 3, kind: "apply", state: "running", reads: false, startedAt: AT } as const;
  const text = renderSticky(aView({ runs: [{ ...run, standing }] }), FLAVOUR);
  expect(text).toContain(words);
});

test("while an apply runs the comment says so, and offers nothing that would be refused", () => {
  const view = aView({
    dirspaces: [aPlanned("a", { phase: "applying", planText: undefined })],
    runs: [{ number: 3, kind: "apply", state: "running", reads: false, startedAt: AT }],
  });
  expect(renderSticky(view, FLAVOUR)).toMatchInlineSnapshot(`
    "### Applying · 1 dirspace · 1 applying

    +1 create · ~​0 update · ±1 replace · −1 destroy

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC · [dashboard](https://terrane.example/r/1/pulls/7)

    **Running:** apply run 3, running since 2026-03-01 14:05 UTC

    | Dirspace | + | ~ | ± | − | Status |
    |---|--:|--:|--:|--:|---|
    | \`a\` | 1 | 0 | 1 | 1 | applying |

    <details><summary><code>a</code>: +1 ~​0 ±1 −1, applying</summary>

    - destroy \`terraform_data.old\`
    - replace \`terraform_data.db\`, because of \`triggers_replace\`
    - create \`terraform_data.app\`

    </details>"
  `);
});

test("a failed apply shows the end of its output and asks for a new plan", () => {
  const tail = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`).join("\n");
  const failure = { step: "apply", message: "", tail, exitCode: null, signal: "SIGKILL" };
  const view = aView({ dirspaces: [aPlanned("a", { phase: "apply_failed", failure })] });
  const text = renderSticky(view, FLAVOUR);
  expect(text).toContain("Step `apply` ended by `SIGKILL`.");
  expect(text).toContain("```text\nline 21\n");
  expect(text).toContain("\nline 60\n```");
  expect(text).toContain("**Next:** `terrane plan` plans again");
});

test("a configuration error says where it is and what to write, and offers no command", () => {
  const view = aView({
    diagnostics: [
      {
        severity: "warning",
        code: "deprecated",
        message: "`dirs.x.foo` is deprecated",
        file: ".terrane/config.yml",
        line: 9,
        column: 1,
        path: "dirs.x.foo",
      },
      {
        severity: "error",
        code: "unknown_key",
        message: "there is no key `workflow`",
        file: ".terrane/config.yml",
        line: 3,
        column: 5,
        path: "workflow",
        suggestion: "workflows",
      },
    ],
  });
  expect(renderSticky(view, FLAVOUR)).toMatchInlineSnapshot(`
    "### Configuration error

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC · [dashboard](https://terrane.example/r/1/pulls/7)

    **Configuration: 1 error, 1 warning**

    - error in \`.terrane/config.yml:3:5\`: there is no key \`workflow\`. Use \`workflows\` instead.
    - warning in \`.terrane/config.yml:9:1\`: \`dirs.x.foo\` is deprecated."
  `);
});

test("nothing affected says so, and names deleted directories", () => {
  const view = aView({ deletedDirs: ["old/vpc"], dashboardUrl: undefined });
  expect(renderSticky(view, FLAVOUR)).toMatchInlineSnapshot(`
    "### Nothing to plan

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC

    **Deleted:** \`old/vpc\`. What was managed there still exists; nothing destroys it."
  `);
});

test("after the merge the comment goes on telling where the rest stands", () => {
  const view = aView({
    state: "merged",
    dirspaces: [
      aReport("a", { phase: "applied", counts: aCount({ create: 1 }) }),
      aReport("b", { phase: "stale", staleBecause: { kind: "applied_elsewhere" } }),
    ],
  });
  expect(renderSticky(view, FLAVOUR)).toMatchInlineSnapshot(`
    "### Plan again · merged · 2 dirspaces · 1 to plan again · 1 applied

    +1 create · ~​0 update · ±0 replace · −0 destroy

    Commit \`abcdef0\` · base \`main\` · updated 2026-03-01 14:05 UTC · [dashboard](https://terrane.example/r/1/pulls/7)

    | Dirspace | + | ~ | ± | − | Status |
    |---|--:|--:|--:|--:|---|
    | \`b\` |  |  |  |  | plan again: another pull request applied the same dirspace |
    | \`a\` | 1 | 0 | 0 | 0 | applied |

    **Next:** \`terrane plan\` plans again"
  `);
});

test("a closed pull request offers nothing but to give up what it holds", () => {
  const lock = aLock(7, { since: AT });
  const held = aView({ state: "closed", dirspaces: [aPlanned("a", { locks: [lock] })] });
  const free = aView({ state: "closed", dirspaces: [aPlanned("a")] });
  expect(renderSticky(held, FLAVOUR)).toMatch(/\*\*Next:\*\* `terrane unlock` [^·]*$/);
  expect(renderSticky(free, FLAVOUR)).not.toContain("**Next:**");
});

test("help lists the commands", () => {
  const reasons = [{ code: "help_shown" }] as const;
  const notice = {
    at: AT,
    command: "terrane help",
    actor: "bob",
    outcome: "information",
    reasons,
  } as const;
  expect(renderSticky(aView({ notice }), FLAVOUR)).toContain("- `terrane plan [query]`: plan what");
});

test("a notice names every rule that speaks", () => {
  const rules = [
    { file: ".terrane/config.yml", line: 3, column: 1, path: "a" },
    { file: ".terrane/config.yml", line: 9, column: 1, path: "b" },
  ];
  const reasons = [{ code: "not_permitted", login: "dan", has: "read", needs: "write", rules }];
  const notice = { at: AT, command: "terrane apply", actor: "dan", outcome: "refused", reasons };
  const text = renderSticky(aView({ notice: notice as never }), FLAVOUR);
  expect(text).toContain("config.yml:3");
  expect(text).toContain("config.yml:9");
});

function aConfigNotice(lines: readonly string[], linesOmitted = 0) {
  const files = [".terrane/config.yml"];
  return {
    at: AT,
    command: "terrane repo-config",
    actor: "bob",
    outcome: "information",
    reasons: [{ code: "config_shown", lines, linesOmitted, files }],
  } as const;
}

test("the configuration in force is folded away below the plans' table", () => {
  const notice = aConfigNotice([
    "parallel_runs: 2 # .terrane/config.yml:1",
    "enabled: true # default",
  ]);
  const text = renderSticky(aView({ notice }), FLAVOUR);
  expect(text).toContain(
    [
      "<details><summary>Configuration in force</summary>",
      "",
      "```yaml",
      "parallel_runs: 2 # .terrane/config.yml:1",
      "enabled: true # default",
      "```",
      "",
      "</details>",
    ].join("\n"),
  );
  expect(text).not.toContain("more line");
});

test("a configuration that is too long is cut at its end and says so, with a way to the rest", () => {
  const lines = Array.from({ length: 900 }, (_, n) => `k${n}: ${"x".repeat(60)} # default`);
  const dashboardUrl = "https://terrane.example/pull/1";
  const view = aView({ notice: aConfigNotice(lines, 100), dashboardUrl });
  const text = renderSticky(view, FLAVOUR);
  const shown = text.split("\n").filter((line) => line.startsWith("k")).length;
  expect(shown).toBeGreaterThan(300);
  expect(text).toContain(
    `The configuration has ${1000 - shown} more lines: see [the dashboard](${dashboardUrl}).`,
  );
  expect(text.length).toBeLessThanOrEqual(FLAVOUR.commentCharsMax);
  const tiny = renderSticky(view, { ...FLAVOUR, commentCharsMax: 1_200 });
  expect(tiny).toContain("The configuration has 1000 more lines");
});

test("a configuration cannot leave its block", () => {
  const notice = aConfigNotice(["a: '```' # x", "</details>", "b: |", "  ````"]);
  expect(renderSticky(aView({ notice }), FLAVOUR)).toContain("`````yaml\n");
});

test("pull requests are linked with the sign of the place", () => {
  const lock = aLock(12, { because: "merged", since: AT });
  const view = aView({ dirspaces: [aPlanned("a", { locks: [lock] })] });
  expect(renderSticky(view, { ...FLAVOUR, numberSign: "!" })).toContain(
    "to apply, locked by !12 |",
  );
});

test("changes that nobody counted are said to be so, and never shown as none", () => {
  const uncounted = { phase: "planned", isUncounted: true, planText: "+ something" } as const;
  const dirspaces = [
    aReport("a", uncounted),
    aReport("b", { phase: "planned", counts: aCount({ create: 2 }) }),
  ];
  const text = renderSticky(aView({ dirspaces }), FLAVOUR);
  expect(text).toContain("+2 create");
  expect(text).toContain("1 dirspace not counted");
  expect(text).toMatch(/\| `a` +\| \? \| \? \| \? \| \? \|/);
  expect(text).toContain("+ something");
});
