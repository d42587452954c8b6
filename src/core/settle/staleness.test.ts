import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import { present } from "../../base/assert.ts";
import { explain } from "../../comment/reason-text.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { FileChange } from "../pull-request.ts";
import { decideGrant } from "../run/grant.ts";

const KEY = "net:default";
const FILES = ["net/main.tf", "db/main.tf", "docs/a.md", ".terrane/config.yml"];

const CONFIG = "destination_branches: [main, release]\n";
/** Other steps for another target branch, and an engine that the default branch decides about. */
const SETTINGS = `${CONFIG}default_branch_overrides: [engine]
engine: {name: terraform}
tags: {dest_branch: {release: release}}
workflows:
  - tag_query: dest_branch:release
    plan: [{type: init}, {type: plan, extra_args: [-refresh=false]}]
`;
const MANUAL = "when_modified: {autoplan: false}\n";

type Step = (world: CoreWorld) => void;

const planned: Step = (world) => {
  world.changed();
  world.runnerPlans({});
};
const applying: Step = (world) => {
  planned(world);
  world.says("bob", "terrane apply");
  world.grantWork(KEY);
};

/** Where a dirspace can stand when something happens, and how it gets there. */
const STATES = {
  planning: (world) => void world.changed(),
  planned,
  unchanged: (world) => {
    world.changed();
    world.runnerPlans({ [KEY]: "unchanged" });
  },
  plan_failed: (world) => {
    world.changed();
    world.runnerPlans({ [KEY]: "failed" });
  },
  applying,
  unknown: (world) => {
    applying(world);
    world.happens({ kind: "run_went_silent", runId: world.activeRun("apply").id });
  },
  applied: (world) => {
    planned(world);
    world.says("bob", "terrane apply");
    world.runnerApplies();
  },
  apply_failed: (world) => {
    planned(world);
    world.says("bob", "terrane apply");
    world.runnerApplies("failed");
  },
} satisfies Readonly<Record<string, Step>>;
type State = keyof typeof STATES;

function baseBrings(...paths: readonly string[]): Step {
  return (world) => {
    const changes: readonly FileChange[] = paths.map((path) => ({ kind: "modified", path }));
    world.baseChanges.set(`${sha(1)}..${sha(2)}`, changes);
    world.view = { ...world.view, baseSha: sha(2), defaultBranchSha: sha(2) };
    world.happens({ kind: "base_moved", after: sha(2) });
  };
}

const OVERRIDES = {
  kind: "text",
  path: "config/overrides.yml",
  text: "hooks: {plan: {pre: [{type: run, cmd: [make, certificates]}]}}\n",
} as const;
const CENTRAL_MOVED = {
  kind: "configuration_moved",
  repository: "acme/terrane",
  after: sha(500),
} as const;

/** What can outdate a plan. */
const CAUSES = {
  push: (world) => {
    world.view = { ...world.view, headSha: sha(11) };
    world.changed();
  },
  pushedConfig: (world) => {
    world.config = `${MANUAL}${SETTINGS}`;
    world.changes = [...world.changes, { kind: "modified", path: ".terrane/config.yml" }];
    world.view = { ...world.view, headSha: sha(11) };
    world.changed();
  },
  feedingBase: baseBrings("net/other.tf"),
  otherBase: baseBrings("docs/a.md", "db/main.tf"),
  retarget: (world) => {
    world.view = { ...world.view, baseRef: "release", baseSha: sha(5) };
    world.baseChanges.set(`${sha(1)}..${sha(5)}`, [{ kind: "modified", path: "net/main.tf" }]);
    world.changed();
  },
  // Both branches are at the same commit, so nothing but the configuration says something else.
  retargetInPlace: (world) => {
    world.view = { ...world.view, baseRef: "release" };
    world.changed();
  },
  centralConfig: (world) => {
    world.centralFiles = [OVERRIDES];
    world.happens(CENTRAL_MOVED);
  },
  otherCentralConfig: (world) => {
    world.centralFiles = [
      {
        ...OVERRIDES,
        text: "parallel_runs: 2\nworkflows: [{tag_query: '', lock_policy: merge, apply: [{type: init}]}]\n",
      },
    ];
    world.happens(CENTRAL_MOVED);
  },
  defaultConfig: (world) => {
    const before = world.config ?? "";
    world.view = { ...world.view, defaultBranch: "trunk", defaultBranchSha: sha(3) };
    world.configAt.set(sha(3), before.replace("{name: terraform}", "{name: tofu}"));
    world.happens({ kind: "base_moved", after: sha(3) });
  },
  retargetAway: (world) => {
    world.view = { ...world.view, baseRef: "elsewhere", baseSha: sha(5) };
    world.changed();
  },
  applyElsewhere: (world) => {
    world.applyingElsewhere(KEY, 12);
    world.happens({ kind: "neighbour_changed", number: 12, because: "locked" });
  },
  appliedElsewhere: (world) => {
    world.appliedElsewhere(KEY);
    world.happens({ kind: "neighbour_changed", number: 12, because: "applied" });
  },
  merge: (world) => {
    world.view = { ...world.view, state: "merged" };
    world.changed();
  },
  close: (world) => {
    world.view = { ...world.view, state: "closed" };
    world.changed();
  },
  unlock: (world) => void world.says("bob", "terrane unlock"),
  unlockElsewhere: (world) =>
    void world.happens({ kind: "neighbour_changed", number: 12, because: "released" }),
  jobCancelled: (world) => {
    const run = world.snapshot.runs.findLast((one) => one.state !== "ended");
    if (run === undefined) world.changed();
    else world.ends(run.id, "cancelled");
  },
} satisfies Readonly<Record<string, Step>>;
type Cause = keyof typeof CAUSES;

/**
 * Where each state leads to, in the order of `STATES`; `*` where it is planned again by itself. An apply that began
 * goes on whatever happens, and what failed is left to people (S13).
 */
const NEXT: Readonly<Record<Cause, string>> = {
  push: "planning* planning* planning* planning* applying unknown planning* planning*",
  pushedConfig: "unplanned unplanned unplanned unplanned applying unknown unplanned unplanned",
  // What is being planned is looked at once its plan is there.
  feedingBase: "planning planning* planning* plan_failed applying unknown applied apply_failed",
  otherBase: "planning planned unchanged plan_failed applying unknown applied apply_failed",
  retarget: "planning planning* planning* plan_failed applying unknown applied apply_failed",
  retargetInPlace: "planning planning* planning* plan_failed applying unknown applied apply_failed",
  centralConfig: "planning planning* planning* plan_failed applying unknown applied apply_failed",
  // What others decide about, and no plan is made from.
  otherCentralConfig:
    "planning planned unchanged plan_failed applying unknown applied apply_failed",
  defaultConfig: "planning planning* planning* plan_failed applying unknown applied apply_failed",
  retargetAway: "unplanned stale unchanged plan_failed applying unknown applied apply_failed",
  // A plan beside an apply would be born stale (S6), so it waits for its end.
  applyElsewhere: "planning stale stale plan_failed applying unknown applied apply_failed",
  appliedElsewhere:
    "planning planning* planning* plan_failed applying unknown applied apply_failed",
  merge: "planning planned unchanged plan_failed applying unknown applied apply_failed",
  close: "unplanned planned unchanged plan_failed applying unknown applied apply_failed",
  // What owns nothing has nothing to give up; an apply in flight is asked to stop first (S4).
  unlock: "planning planned unchanged plan_failed applying unknown unplanned unplanned",
  unlockElsewhere: "planning planned unchanged plan_failed applying unknown applied apply_failed",
  jobCancelled:
    "plan_failed planned unchanged plan_failed apply_failed apply_failed applied apply_failed",
};

const CASES = (Object.keys(CAUSES) as Cause[]).flatMap((cause) =>
  (Object.keys(STATES) as State[]).map(
    (state, index) => [cause, state, NEXT[cause].split(" ")[index] ?? ""] as const,
  ),
);

test.each(CASES)("S10 S11 S13 %s of what is %s leads to %s, and is shown", (cause, state, next) => {
  const world = new CoreWorld(FILES, ["net/main.tf"], SETTINGS);
  STATES[state](world);
  expect(world.phases()[KEY]).toBe(state);
  const before = world.snapshot.runs.length;
  CAUSES[cause](world);
  const isReplanned = world.snapshot.runs.slice(before).some(({ kind }) => kind === "plan");
  expect(`${world.phases()[KEY]}${isReplanned ? "*" : ""}`).toBe(next);
  expect(world.effects()).toContain("publish");
});

const OUTDATING = [
  "feedingBase",
  "appliedElsewhere",
  "centralConfig",
  "defaultConfig",
  "retargetInPlace",
] as const;

test.each(OUTDATING)(
  "S11 where plans are not automatic, %s leaves the plan stale, and an apply of it is refused",
  (cause) => {
    const world = new CoreWorld(FILES, ["net/main.tf"], `${MANUAL}${SETTINGS}`);
    world.changed();
    world.says("bob", "terrane plan");
    world.runnerPlans({});
    expect(world.phases()[KEY]).toBe("planned");
    CAUSES[cause](world);
    expect(world.phases()[KEY]).toBe("stale");
    expect(world.hasActiveRun()).toBe(false);
    expect(world.says("bob", "terrane apply").map(({ code }) => code)).toContain("plan_stale");
  },
);

test.each(OUTDATING)(
  "S11 %s while it is planned has it planned once more when that plan is there",
  (cause) => {
    const world = new CoreWorld(FILES, ["net/main.tf"], SETTINGS);
    world.changed();
    CAUSES[cause](world);
    const { id } = world.activeRun("plan");
    world.runnerPlans({});
    expect(world.phases()[KEY]).toBe("planning");
    expect(world.activeRun("plan").id).not.toBe(id);
  },
);

test.each([
  ["close", ["applied"], "closed_after_apply"],
  ["otherBase", ["applied"], "applied_not_merged"],
  ["merge", ["planned"], "unapplied_after_merge"],
  // Nothing is owned, or everything is going on.
  ["otherBase", ["planned"], undefined],
  ["otherBase", ["applying"], undefined],
  ["merge", ["unchanged"], undefined],
  ["merge", ["applied"], undefined],
] as const)(
  "S7 after %s of what is %s it is said that locks stay, and what lets others in: %s",
  (cause, [state], why) => {
    const world = new CoreWorld(FILES, ["net/main.tf"], SETTINGS);
    STATES[state](world);
    CAUSES[cause](world);
    const kept = world.last?.reasons.filter(({ code }) => code === "locks_kept");
    expect(kept).toEqual(why === undefined ? [] : [{ code: "locks_kept", dirspaces: [KEY], why }]);
  },
);

test("S7 locks that stayed after a close are given up by an unlock", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], SETTINGS);
  STATES.applied(world);
  CAUSES.close(world);
  CAUSES.unlock(world);
  world.changed();
  expect(world.last?.reasons.map(({ code }) => code)).toEqual(["pull_request_closed"]);
});

test.each([
  ["centralConfig", "hooks", "acme/terrane:config/overrides.yml:1"],
  ["defaultConfig", "engine", ".terrane/config.yml:3 (on trunk)"],
  ["retargetInPlace", "plan", ".terrane/config.yml:7"],
] as const)("S10 what %s outdates says the key and where it stands", (cause, key, place) => {
  const world = new CoreWorld(FILES, ["net/main.tf", "db/main.tf"], SETTINGS);
  STATES.planned(world);
  CAUSES[cause](world);
  const said = world.last?.reasons.filter(({ code }) => code === "plan_stale") ?? [];
  expect(said).toMatchObject([{ dirspaces: ["db:default", KEY], because: { keys: [key] } }]);
  const [reason] = said;
  expect(reason && explain(reason).cause).toContain(`\`${key}\` (\`${place}\`)`);
});

test("S10 a plan of an older server, which noted nothing of the configuration, stays good", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], SETTINGS);
  STATES.planned(world);
  const dirspaces = world.snapshot.dirspaces.map((state) => {
    const { basis: _, ...plan } = present(state.plan, "a plan");
    return { ...state, plan };
  });
  world.snapshot = { ...world.snapshot, dirspaces };
  CAUSES.centralConfig(world);
  expect(world.phases()[KEY]).toBe("planned");
});

test("S10 an apply that was accepted is refused its permission once the configuration moved", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], SETTINGS);
  STATES.planned(world);
  world.says("bob", "terrane apply");
  CAUSES.centralConfig(world);
  const { id } = world.activeRun("apply");
  const digest = world.snapshot.dirspaces[0]?.plan?.planDigest ?? "";
  const request = { runId: id, unit: KEY as DirspaceKey, digest, view: world.view };
  expect(decideGrant(world.snapshot, request)).toMatchObject({ code: "PLAN_STALE" });
});
