import { expect, test } from "vitest";
import type { CaseFile } from "./case.ts";
import { parseCases } from "./parse-cases.ts";
import { judgeMutant, mutants, runCase, wholeOutcome } from "./run-cases.ts";
import { parseSnapshots, printSnapshots } from "./snapshot.ts";
import type { Repository } from "./world.ts";

const CONFIG = `
dirs:
  network: {tags: [core]}
  app: {when_modified: {depends_on: "dir:network"}, workspaces: {staging: {}, prod: {tags: [production]}}}
workflows:
  - tag_query: production
    lock_policy: strict
access_control:
  enabled: true
  policies:
    - tag_query: production
      apply: ["team:sre"]
    - tag_query: ""
apply_requirements:
  checks:
    - tag_query: production
      approved: {enabled: true, any_of: ["team:sre"]}
    - tag_query: ""
drift:
  enabled: true
  schedules:
    nightly: {schedule: "30 4 * * *", tag_query: ""}
    office: {schedule: hourly, tag_query: "", window: {start: "22:00 UTC", end: "05:00 UTC"}}
`;
const REPOSITORY: Repository = {
  config: CONFIG,
  tree: ["network/main.tf", "app/main.tf", "docs/readme.md"],
};

function read(text: string): CaseFile {
  const parsed = parseCases(text, "cases.yml");
  if (parsed.kind === "error") throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.file;
}

function failures(text: string, repository = REPOSITORY): readonly string[] {
  const file = read(text);
  return file.cases.flatMap((one) =>
    runCase(repository, file, one).map(
      ({ key, expected, got }) => `${one.name}: ${key}: ${expected} | ${got}`,
    ),
  );
}

const GOOD = `
people:
  ann: {role: write}
  sue: {role: write, teams: [sre]}
  rob: {role: read}
cases:
  - name: the network pulls in what depends on it
    given: {changed: network/main.tf, author: ann}
    expect:
      affected: [network, "app:staging", "app:prod"]
      order: [[network], ["app:prod", "app:staging"]]
      workflow: {network: default, "app:prod": 0}
      tags: {network: [core]}
      stack: {network: default}
      autoplan: [network, "app:prod", "app:staging"]
      plan: allowed
      apply: {refused: [not_approved]}
  - name: an approval of the team lets the team apply
    given: {changed: [app/main.tf], author: ann, actor: sue, approvals: [sue]}
    expect: {apply: allowed}
  - name: others may not apply production
    given: {changed: [app/main.tf], author: ann, approvals: [sue]}
    expect: {apply: {refused: []}}
  - name: who may only read gives no command
    given: {changed: [network/main.tf], author: ann, actor: rob}
    expect: {plan: {refused: not_permitted}, unlock: {refused: not_permitted}}
  - name: documents affect nothing
    given: {changed: docs/readme.md}
    expect: {affected: [], order: [], plan: {refused: nothing_affected}}
  - name: another branch is not worked on
    given: {changed: network/main.tf, dest_branch: old}
    expect: {affected: [], plan: {refused: base_not_configured}}
  - name: drift runs at its time
    given: {changed: [], time: "2026-03-02T04:30:00Z"}
    expect: {drift: [nightly, office]}
  - name: and at no other
    given: {changed: [], time: "2026-03-02T05:00:00Z"}
    expect: {drift: []}
`;

test("cases that describe what a configuration does hold", () => {
  expect(failures(GOOD)).toEqual([]);
});

test.each([
  [
    "a wrong set of dirspaces",
    "{affected: [app]}",
    ["x: affected: app | app:prod, app:staging, network"],
  ],
  [
    "a wrong order",
    "{order: [[network]]}",
    ["x: order: network | network → app:prod, app:staging"],
  ],
  [
    "a wrong workflow",
    '{workflow: {network: 0, "docs": 0}}',
    ["x: workflow: network: 0 | network: default", "x: workflow: docs: 0 | docs: not affected"],
  ],
  [
    "a missing tag",
    "{tags: {network: [prod]}}",
    [
      "x: tags: network with prod | network with core, dir:network, stack_name:default, workspace:default",
    ],
  ],
  ["a verdict", "{plan: {refused: locked}}", ["x: plan: refused: locked | allowed"]],
])("%s is told with what was expected and what is", (_, expected, messages) => {
  const text = `cases: [{name: x, given: {changed: network/main.tf}, expect: ${expected}}]`;
  expect(failures(text)).toEqual(messages);
});

test("a circle of dependencies is told by the code of its finding", () => {
  const text =
    "cases: [{name: x, given: {changed: network/main.tf}, expect: {invalid: [depends_on_cycle], plan: {refused: graph_invalid}}}]";
  const config =
    'dirs: {network: {when_modified: {depends_on: "dir:app"}}, app: {when_modified: {depends_on: "dir:network"}}}';
  expect(failures(text, { ...REPOSITORY, config })).toEqual([]);
});

test("a broken configuration is an outcome too", () => {
  const text =
    "cases: [{name: x, given: {changed: a}, expect: {invalid: [unknown_key], plan: {refused: config_invalid}}}]";
  expect(failures(text, { ...REPOSITORY, config: "workflow: []" })).toEqual([]);
});

test.each([
  ["cases: [{name: x, given: {changed: a}, expct: {}}]", 1, "unknown_key", "expect"],
  ["cases:\n  - name: x\n    given: {changed: a, time: noon}", 3, "wrong_value", undefined],
  [
    "cases:\n  - {name: x, given: {changed: a}}\n  - {name: x, given: {changed: a}}",
    3,
    "wrong_value",
    undefined,
  ],
  [
    "cases:\n  - name: x\n    given: {changed: a}\n    expect: {apply: {refused: not_aproved}}",
    4,
    "wrong_value",
    "not_approved",
  ],
  ["cases:\n  - {name: x}", 2, "missing_key", undefined],
  ["cases:\n  - {name: x, given: {changed: a, state: opened}}", 2, "wrong_value", "open"],
])("a mistake in `%s` is found in line %i", (text, line, code, suggestion) => {
  const parsed = parseCases(text, "cases.yml");
  expect(parsed).toMatchObject({ kind: "error", diagnostics: [{ line, code }] });
  const [first] = parsed.kind === "error" ? parsed.diagnostics : [];
  expect(first?.suggestion).toBe(suggestion);
});

test("every rule that no case speaks about is named", () => {
  const file = read(GOOD);
  const cases = file.cases.map(
    (one) => (config: string) => runCase({ ...REPOSITORY, config }, file, one).length === 0,
  );
  const unnoticed = mutants(CONFIG)
    .filter((mutant) => judgeMutant(CONFIG, mutant, cases) === "unnoticed")
    .map(({ what }) => what);
  expect(unnoticed).toEqual([
    "`apply_requirements.checks[0].approved.any_of` is gone",
    "`apply_requirements.checks[0].approved.any_of[0]` is gone",
  ]);
});

test("a snapshot says everything about a case", () => {
  const file = read("cases: [{name: x, given: {changed: network/main.tf}}]");
  const [first] = file.cases;
  if (first === undefined) throw new Error("there is a case");
  expect(wholeOutcome(REPOSITORY, file, first)).toMatchObject({
    affected: ["app:prod", "app:staging", "network"],
    autoplan: ["app:prod", "app:staging", "network"],
    plan: "allowed",
    apply: { refused: ["access_denied", "not_approved"] },
    unlock: "allowed",
    drift: [],
    invalid: [],
  });
});

test("snapshots read back as they were written, and nothing else reads as one", () => {
  const file = read("cases: [{name: x, given: {changed: network/main.tf}}]");
  const snapshots = new Map(
    file.cases.map((one) => [one.name, wholeOutcome(REPOSITORY, file, one)]),
  );
  expect(parseSnapshots(printSnapshots(snapshots))).toEqual(snapshots);
  for (const text of ["", "x: [", "x: 1", "x: {affected: []}", "&a [*a]"]) {
    expect(parseSnapshots(text)).toBeUndefined();
  }
});
