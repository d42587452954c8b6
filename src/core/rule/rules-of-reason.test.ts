import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";
import { LockWorld } from "../../../test/support/lock-world.ts";
import { REASON_CODES } from "../case/reason-codes.ts";
import type { Reason, ReasonCode } from "../reason.ts";
import { placeText } from "./place-text.ts";
import { hasRule } from "./rules-of-reason.ts";

const FILES = ["net/main.tf", "db/main.tf", ".terrane/config.yml", "docs/a.md"];

type Act = (world: CoreWorld) => readonly Reason[];

const at = (line: number) => `.terrane/config.yml:${line}`;
const onMain = (line: number) => `${at(line)} (on main)`;

const seen: Act = (world) => world.last?.reasons ?? [];
const changed: Act = (world) => world.changed();
const planned: Act = (world) => {
  world.changed();
  world.runnerPlans({});
  return seen(world);
};
const applied: Act = (world) => {
  planned(world);
  return world.says("bob", "terrane apply");
};
const forced: Act = (world) => {
  planned(world);
  return world.says("bob", "terrane apply-force");
};
const merged: Act = (world) => {
  planned(world);
  world.view = { ...world.view, state: "merged" };
  return world.changed();
};

/** A step of the plan asked for an approval. */
function gated(allOf: readonly string[]): Act {
  return (world) => {
    const gate = { token: "t", name: null, allOf, anyOf: [], anyOfCount: 1, addReviewers: false };
    world.gates = [gate];
    return applied(world);
  };
}

function draft(act: Act): Act {
  return (world) => {
    world.view = { ...world.view, draft: true };
    return act(world);
  };
}

/** From the moment on that it is planned, or from the beginning where nothing is applied. */
function conflicting(act: Act): Act {
  return (world) => {
    if (act === applied) planned(world);
    world.view = { ...world.view, mergeable: "conflict" };
    return act === applied ? world.says("bob", "terrane apply") : act(world);
  };
}

/** Both directories are touched. */
function both(act: Act): Act {
  return (world) => {
    world.changes = ["net", "db"].map((dir) => ({ kind: "modified", path: `${dir}/main.tf` }));
    planned(world);
    return act(world);
  };
}

/** One entry for everything; what it says begins in line 4. */
function required(what: string): string {
  return `apply_requirements:\n  checks:\n  - tag_query: ''\n    ${what}\n`;
}

const AUTO_APPLY = "when_modified:\n  autoapply: true\n";
const AUTO_STACK = "stacks: {names: {all: {tag_query: '', rules: {auto_apply: true}}}}\n";
const LOCKING = "workflows:\n- tag_query: ''\n  lock_policy: merge\n";
const STACKS = [
  "stacks:",
  "  names:",
  "    base: {tag_query: dir:db}",
  "    apps:",
  "      tag_query: dir:net",
  "      rules: {apply_after: [base]}",
].join("\n");

/** The configuration, what happens, and the places that the reason has to name. */
type Scene = readonly [config: string, act: Act, ...places: readonly string[]];

/** What a rule of the configuration can make, each with a configuration that makes it. */
const RULED = {
  disabled: ["parallel_runs: 2\nenabled: false", changed, at(2)],
  base_not_configured: ["destination_branches:\n- release", changed, onMain(1)],
  source_not_configured: [
    "destination_branches:\n- branch: main\n  source_branches: [fix/*]",
    changed,
    onMain(3),
  ],
  autoplan_off: ["dirs:\n  net:\n    when_modified:\n      autoplan: false", changed, at(4)],
  draft_not_planned: ["when_modified:\n  autoplan_draft_pr: false", draft(changed), at(2)],
  nothing_affected: ["when_modified:\n  file_patterns:\n  - '${DIR}/*.hcl'", changed, at(2)],
  graph_invalid: [
    "dirs:\n  db:\n    when_modified: {depends_on: dir:net}\n  net:\n    when_modified:\n      depends_on: dir:db",
    changed,
    at(3),
  ],
  building: ["config_builder:\n  enabled: true\n  script: x", changed, at(2)],
  not_built: [
    "tree_builder:\n  enabled: true\n  script: x",
    (world) => {
      world.changed();
      world.ends(world.activeRun("plan").id, "failure");
      return world.changed();
    },
    at(3),
  ],
  index_shown: [
    "indexer: {enabled: true}",
    (world) => {
      world.index = { directories: [], symlinks: [], problems: [] };
      return world.says("bob", "terrane index");
    },
    at(1),
  ],
  indexer_off: [
    "parallel_runs: 2\nindexer: {enabled: false}",
    (world) => world.says("bob", "terrane index"),
    at(2),
  ],
  indexing: ["parallel_runs: 2\nindexer:\n  enabled: true", changed, at(3)],
  not_indexed: [
    "indexer: {enabled: true}",
    (world) => {
      world.changed();
      world.ends(world.activeRun("plan").id, "failure");
      return world.changed();
    },
    at(1),
  ],
  access_denied: [
    "access_control:\n  policies:\n  - tag_query: dir:db\n  - tag_query: ''\n    plan: ['*']\n    apply: ['user:ann']",
    applied,
    onMain(6),
  ],
  no_policy_matches: ["access_control:\n  policies:\n  - tag_query: dir:db", changed, onMain(2)],
  file_guarded: ["access_control:\n  files:\n    net/main.tf: ['user:cyd']", changed, onMain(3)],
  unlock_denied: [
    "access_control:\n  unlock: ['user:ann']",
    (world) => {
      applied(world);
      world.runnerApplies();
      return world.says("bob", "terrane unlock");
    },
    onMain(2),
  ],
  force_unlock_denied: [
    "access_control:\n  unlock: ['user:ann']",
    (world) => {
      world.changed();
      return world.says("bob", "terrane force-unlock 7 the host is gone for good");
    },
    onMain(2),
  ],
  access_control_off: ["access_control:\n  enabled: false", forced, onMain(2)],
  apply_forced: [
    "access_control:\n  policies:\n  - tag_query: ''\n    apply_force: ['user:bob']",
    forced,
    onMain(4),
  ],
  autoapprove_started: [
    "access_control:\n  policies:\n  - tag_query: ''\n    apply_autoapprove: ['user:bob']",
    (world) => {
      planned(world);
      return world.says("bob", "terrane apply-autoapprove");
    },
    onMain(4),
  ],
  merge_conflict: [
    required("merge_conflicts:\n      enabled: true"),
    conflicting(applied),
    onMain(5),
  ],
  mergeability_unknown: [
    required("merge_conflicts: {enabled: true}"),
    (world) => {
      world.view = { ...world.view, mergeable: "unknown" };
      return applied(world);
    },
    onMain(4),
  ],
  draft: [required("require_ready_for_review_pr: true"), draft(applied), onMain(4)],
  merge_first: [required("apply_after_merge:\n      enabled: true"), applied, onMain(4)],
  not_approved: [
    "apply_requirements:\n  checks:\n  - tag_query: dir:db\n  - tag_query: ''\n    approved:\n      enabled: true",
    applied,
    onMain(5),
  ],
  reviews_open: [
    required("approved:\n      enabled: true\n      require_completed_reviews: true"),
    (world) => {
      world.openReviews = ["cyd"];
      return applied(world);
    },
    onMain(6),
  ],
  checks_not_passed: [
    required("status_checks:\n      enabled: true"),
    (world) => {
      world.checks = [{ name: "lint", state: "failed" }];
      return applied(world);
    },
    onMain(4),
  ],
  no_requirement_matches: [
    "apply_requirements:\n  checks:\n  - tag_query: dir:db",
    applied,
    onMain(2),
  ],
  predecessors_unapplied: [
    "dirs:\n  net:\n    when_modified:\n      depends_on: dir:db",
    both((world) => world.says("bob", "terrane apply dir:net")),
    at(4),
  ],
  stacks_unapplied: [STACKS, both((world) => world.says("bob", "terrane apply dir:net")), at(6)],
  autoapply_held: [
    `${AUTO_STACK}${required("apply_after_merge: {enabled: true}")}`,
    planned,
    at(1),
  ],
  autoapply_started: [AUTO_APPLY, merged, at(2)],
  autoapply_left: [
    AUTO_STACK,
    (world) => {
      planned(world);
      world.runnerApplies("failed");
      world.says("bob", "terrane plan");
      world.runnerPlans({});
      return seen(world);
    },
    at(1),
  ],
  gate_open: [LOCKING, gated([]), at(2)],
  gates_unasked: [
    "hooks:\n  plan:\n    post: [{type: gates, cmd: [ask]}]\n",
    (world) => {
      world.gatesUnasked = true;
      return applied(world);
    },
    at(1),
  ],
  gate_unreadable: [LOCKING, gated(["security"]), at(2)],
  locks_taken: [LOCKING, merged, at(3)],
  locks_released: [
    LOCKING,
    (world) => {
      merged(world);
      world.says("bob", "terrane apply");
      world.runnerApplies();
      return seen(world);
    },
    at(3),
  ],
  locked: [
    LOCKING,
    (world) => {
      planned(world);
      world.lockedBy("net:default", 12);
      return world.says("bob", "terrane apply");
    },
    at(3),
  ],
} satisfies Partial<Record<ReasonCode, Scene>>;

/** What no rule of the configuration makes: it comes from what happened, or names its own places. */
const UNRULED = REASON_CODES.filter(
  (code) => !Object.hasOwn(RULED, code) && code !== "others_first",
);

test.each(Object.entries<Scene>(RULED))(
  "%s says which line of the configuration made it",
  (code, [config, act, ...places]) => {
    const world = new CoreWorld(FILES, ["net/main.tf"], config);
    const reason = act(world).find((one) => one.code === code);
    expect((reason?.rules ?? []).map(placeText)).toEqual(places);
  },
);

test("others_first says which line made the wait for them necessary", () => {
  const world = new LockWorld(["d1", "d2"], "workflows:\n- tag_query: ''\n  lock_policy: strict\n");
  world.open(1, ["d1"]);
  world.open(2, ["d1", "d2"]);
  world.open(3, ["d2"]);
  world.apply(1);
  world.apply(2);
  const reason = world.apply(3).find(({ code }) => code === "others_first");
  expect((reason?.rules ?? []).map(placeText)).toEqual([at(3)]);
});

test.each(UNRULED)("%s has no rule", (code) => {
  expect(hasRule(code as ReasonCode)).toBe(false);
});

test("a conflict blames no line where nobody wrote one about conflicts", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], required("approved: {enabled: true}"));
  const reason = conflicting(changed)(world).find(({ code }) => code === "merge_conflict");
  expect(reason).toEqual({ code: "merge_conflict", base: "main" });
});

test("what nobody wrote is named as the default", () => {
  const world = new CoreWorld(FILES, ["docs/a.md"]);
  const [reason] = world.changed();
  expect((reason?.rules ?? []).map(placeText)).toEqual(["when_modified.file_patterns (default)"]);
});

test("the answer that people are shown names the same places as the decision", () => {
  const access = "access_control:\n  policies:\n  - tag_query: ''\n    plan: []";
  const world = new CoreWorld(FILES, ["net/main.tf"], access);
  world.changed();
  const reasons = world.says("bob", "terrane plan");
  const shown = world.snapshot.pullRequest.notice?.reasons ?? [];
  expect(shown.map((one) => one.rules)).toEqual(reasons.slice(-1).map((one) => one.rules));
  expect(shown[0]?.rules).not.toBeUndefined();
});

test("a dirspace keeps where the rules stand that made it so, and nothing of what nobody wrote", () => {
  const config = [
    "dirs:",
    "  net:",
    "    tags: [a]",
    "    when_modified:",
    "      file_patterns:",
    "      - '!${DIR}/*.md'",
    "      - '${DIR}/*.tf'",
    "workflows:",
    "- tag_query: dir:db",
    "- tag_query: dir:net",
    "  lock_policy: none",
  ].join("\n");
  const world = new CoreWorld(FILES, ["net/main.tf"], config);
  world.changed();
  const rules = world.snapshot.dirspaces[0]?.affected?.rules ?? {};
  const lines = new Map(Object.entries(rules).map(([about, { line }]) => [about, line] as const));
  expect(Object.fromEntries(lines)).toEqual({ dir: 2, pattern: 7, workflow: 10, lockPolicy: 11 });
});
