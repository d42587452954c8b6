import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import { explain as say } from "../../comment/reason-text.ts";
import type { Phase } from "../phase.ts";
import { explainDirspaces } from "./explain.ts";
import type { WaitKind } from "./wait.ts";

const FILES = ["net/main.tf", "db/main.tf", "app/main.tf", ".terrane/config.yml"];
const AFTER = "dirs:\n  app:\n    when_modified:\n      depends_on: dir:net";
const FIRST_NET = "workflows: []\n";
const NO_CHECKS =
  "apply_requirements: {checks: [{tag_query: '', status_checks: {enabled: false}}]}";

interface Scene {
  readonly rule: string;
  readonly config?: string;
  readonly changed?: readonly string[];
  readonly about?: string;
  readonly act: (world: CoreWorld) => void;
  readonly phase: Phase;
  readonly waits: readonly WaitKind[];
}

const planned = (world: CoreWorld) => {
  world.changed();
  world.runnerPlans({});
};

const SCENES: readonly Scene[] = [
  {
    rule: "a run that no job took waits for a job",
    act: (world) => void world.changed(),
    phase: "planning",
    waits: ["job"],
  },
  {
    rule: "autoplan: false waits for a command",
    config: "when_modified: {autoplan: false}",
    act: (world) => void world.changed(),
    phase: "unplanned",
    waits: ["command"],
  },
  {
    rule: "a draft waits until it is ready where the configuration says so",
    config: "when_modified: {autoplan_draft_pr: false}",
    act: (world) => {
      world.view = { ...world.view, draft: true };
      world.changed();
    },
    phase: "unplanned",
    waits: ["ready_for_review"],
  },
  {
    rule: "what comes after something waits for that",
    config: AFTER,
    changed: ["net/main.tf", "app/main.tf"],
    about: "app:default",
    act: planned,
    phase: "waiting",
    waits: ["predecessor"],
  },
  { rule: "a plan waits for the command", act: planned, phase: "planned", waits: ["command"] },
  {
    rule: "a plan that needs an approval waits for it before anybody tried",
    config: "apply_requirements:\n  checks:\n  - tag_query: ''\n    approved: {enabled: true}",
    act: (world) => {
      planned(world);
    },
    phase: "planned",
    waits: ["command"],
  },
  {
    rule: "a plan whose apply was refused waits for what the refusal names",
    config: "apply_requirements:\n  checks:\n  - tag_query: ''\n    approved: {enabled: true}",
    act: (world) => {
      planned(world);
      world.says("bob", "terrane apply");
    },
    phase: "planned",
    waits: ["approval"],
  },
  {
    rule: "a merge that has to come first is waited for",
    config:
      "apply_requirements:\n  checks:\n  - tag_query: ''\n    apply_after_merge: {enabled: true}",
    act: (world) => {
      planned(world);
      world.says("bob", "terrane apply");
    },
    phase: "planned",
    waits: ["merge"],
  },
  {
    rule: "an apply that no job took waits for a job",
    config: NO_CHECKS,
    act: (world) => {
      planned(world);
      world.says("bob", "terrane apply");
    },
    phase: "applying",
    waits: ["job"],
  },
  {
    rule: "nothing is waited for once it is applied",
    config: NO_CHECKS,
    act: (world) => {
      planned(world);
      world.says("bob", "terrane apply");
      world.runnerApplies();
    },
    phase: "applied",
    waits: [],
  },
  {
    rule: "switched off, everything waits for the configuration",
    config: FIRST_NET,
    act: (world) => {
      planned(world);
      world.config = "enabled: false";
      world.view = { ...world.view, headSha: sha(77) };
      world.changed();
    },
    phase: "unplanned",
    waits: ["configuration"],
  },
  {
    rule: "a conflict with the base is waited for",
    act: (world) => {
      planned(world);
      world.view = { ...world.view, mergeable: "conflict", headSha: sha(78) };
      world.changed();
    },
    phase: "unplanned",
    waits: ["mergeability"],
  },
];

test.each(SCENES.map((scene) => [scene.rule, scene] as const))("%s", (_, scene) => {
  const world = new CoreWorld(FILES, [...(scene.changed ?? ["net/main.tf"])], scene.config);
  scene.act(world);
  const said = world.changed();
  const all = explainDirspaces({ snapshot: world.snapshot, said, requirements: undefined });
  const one = all.find(({ key }) => key === (scene.about ?? "net:default"));
  expect([one?.phase, one?.waits.map(({ on }) => on)]).toEqual([scene.phase, scene.waits]);
  for (const { reason } of one?.waits ?? []) expect(say(reason).next).toBeTruthy();
});

/** Each phase, how a dirspace gets there, and what it waits for then; a new phase does not compile before it is here. */
const PHASES: Readonly<Record<Phase, readonly [act: (world: CoreWorld) => void, ...WaitKind[]]>> = {
  unplanned: [
    (world) => {
      world.config = "when_modified: {autoplan: false}";
      world.changed();
    },
    "command",
  ],
  waiting: [
    (world) => {
      world.config = "dirs:\n  net:\n    when_modified:\n      depends_on: dir:db";
      world.changes = ["net", "db"].map((dir) => ({ kind: "modified", path: `${dir}/main.tf` }));
      planned(world);
    },
    "predecessor",
  ],
  planning: [(world) => void world.changed(), "job"],
  planned: [planned, "command"],
  unchanged: [
    (world) => {
      world.changed();
      world.runnerPlans({ "net:default": "unchanged" });
    },
  ],
  stale: [
    (world) => {
      planned(world);
      // Whoever applies there now is waited for before anything is planned again.
      world.applyingElsewhere("net:default", 12);
    },
    "apply",
    "command",
  ],
  plan_failed: [
    (world) => {
      world.changed();
      world.runnerPlans({ "net:default": "failed" });
    },
    "push",
  ],
  applying: [
    (world) => {
      planned(world);
      world.says("bob", "terrane apply");
      world.claims("apply");
    },
    "runner",
  ],
  unknown: [
    (world) => {
      planned(world);
      world.says("bob", "terrane apply");
      world.grantWork("net:default");
      const { id: runId } = world.activeRun("apply");
      world.happens({ kind: "run_went_silent", runId });
    },
    "runner",
  ],
  applied: [
    (world) => {
      planned(world);
      world.says("bob", "terrane apply");
      world.runnerApplies();
    },
  ],
  apply_failed: [
    (world) => {
      planned(world);
      world.says("bob", "terrane apply");
      world.runnerApplies("failed");
    },
    "command",
  ],
};

test.each(Object.entries(PHASES))(
  "in the phase %s it is said what is waited for and what would change it",
  (phase, [act, ...waits]) => {
    const world = new CoreWorld(FILES, ["net/main.tf"]);
    act(world);
    const said = world.changed();
    const all = explainDirspaces({ snapshot: world.snapshot, said, requirements: undefined });
    const one = all.find(({ key }) => key === "net:default");
    expect([one?.phase, ...(one?.waits.map(({ on }) => on) ?? [])]).toEqual([phase, ...waits]);
    for (const { reason } of one?.waits ?? []) expect(say(reason).next).toBeTruthy();
  },
);

const FULL = { of: "repository", name: "acme/infra", running: 20, max: 20 } as const;
const PROD = { of: "environment", name: "prod", running: 3, max: 2 } as const;

test.each([
  [
    { position: 3, running: 19, caps: [], applyOf: undefined },
    "at position 3; 19 CI jobs",
    "JOBS_PER",
  ],
  [
    { position: 3, running: 20, caps: [FULL], applyOf: undefined },
    "no more CI jobs may run now: 20 of 20 of the repository running.",
    "set by `TERRANE_JOBS_PER_REPOSITORY`.",
  ],
  [
    { position: 3, running: 20, caps: [FULL, PROD], applyOf: undefined },
    "20 of 20 of the repository running, 3 of 2 of the environment `prod` running.",
    "set by `TERRANE_JOBS_PER_REPOSITORY` and `TERRANE_JOBS_PER_ENVIRONMENT`.",
  ],
  [
    { position: 1, running: 1, caps: [FULL], applyOf: 12 },
    "the apply of pull request 12 has one of",
    "that apply has ended",
  ],
])(
  "a queued run says its place, the caps that are reached, or whose apply it waits for: %j",
  (wait, cause, next) => {
    const world = new CoreWorld(FILES, ["net/main.tf"]);
    const said = world.changed();
    const { snapshot } = world;
    const jobs = new Map(snapshot.runs.map(({ id }) => [id, wait]));
    const [one] = explainDirspaces({ snapshot, said, requirements: undefined, jobs });
    const [reason] = (one?.waits ?? []).map((each) => say(each.reason));
    expect(reason?.cause).toContain(cause);
    expect(reason?.next).toContain(next);
  },
);

test("while the code is read, why says so instead of asking for a command", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  planned(world);
  world.config = "indexer: {enabled: true}";
  world.view = { ...world.view, headSha: sha(79) };
  const said = world.changed();
  const all = explainDirspaces({ snapshot: world.snapshot, said, requirements: undefined });
  expect(all.map(({ waits }) => waits.map(({ reason }) => reason.code))).toEqual([["indexing"]]);
});

test("before the first look there is nothing to explain", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  expect(explainDirspaces({ snapshot: world.snapshot, said: [], requirements: undefined })).toEqual(
    [],
  );
});

test("`terrane why` answers in the comment, with the rule, and changes nothing else", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], "when_modified:\n  autoplan: false");
  world.changed();
  const runs = world.snapshot.runs.length;
  const [reason] = world.says("bob", "terrane why net");
  expect(reason).toMatchObject({
    code: "why_shown",
    dirspace: "net:default",
    phase: "unplanned",
    waits: [{ code: "autoplan_off" }],
    rules: [{ file: ".terrane/config.yml", line: 2 }],
  });
  expect(world.snapshot.runs).toHaveLength(runs);
  expect(world.says("bob", "terrane why elsewhere")).toMatchObject([
    { code: "why_unknown", available: ["net:default"] },
  ]);
});

test("`terrane why` of a pull request that is stopped says what stops it", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], "enabled: false");
  world.changed();
  expect(world.says("bob", "terrane why")).toMatchObject([{ code: "disabled" }]);
});

test("`terrane why` knows which approval is missing before anybody tried to apply", () => {
  const config = "apply_requirements:\n  checks:\n  - tag_query: ''\n    approved: {enabled: true}";
  const world = new CoreWorld(FILES, ["net/main.tf"], config);
  planned(world);
  expect(world.says("bob", "terrane why")).toMatchObject([
    { code: "why_shown", phase: "planned", waits: [{ code: "not_approved" }] },
  ]);
});
