import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { FileChange } from "../pull-request.ts";

const KEY = "net:default";
const FILES = ["net/main.tf", "db/main.tf", "docs/a.md", ".terrane/config.yml"];

const CONFIG = "destination_branches: [main, release]\n";
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

/** What can outdate a plan. */
const CAUSES = {
  push: (world) => {
    world.view = { ...world.view, headSha: sha(11) };
    world.changed();
  },
  pushedConfig: (world) => {
    world.config = `${MANUAL}${CONFIG}`;
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
  const world = new CoreWorld(FILES, ["net/main.tf"], CONFIG);
  STATES[state](world);
  expect(world.phases()[KEY]).toBe(state);
  const before = world.snapshot.runs.length;
  CAUSES[cause](world);
  const isReplanned = world.snapshot.runs.slice(before).some(({ kind }) => kind === "plan");
  expect(`${world.phases()[KEY]}${isReplanned ? "*" : ""}`).toBe(next);
  expect(world.effects()).toContain("publish");
});

test.each(["feedingBase", "appliedElsewhere"] as const)(
  "S11 where plans are not automatic, %s leaves the plan stale, and an apply of it is refused",
  (cause) => {
    const world = new CoreWorld(FILES, ["net/main.tf"], `${MANUAL}${CONFIG}`);
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

test.each(["feedingBase", "appliedElsewhere"] as const)(
  "S11 %s while it is planned has it planned once more when that plan is there",
  (cause) => {
    const world = new CoreWorld(FILES, ["net/main.tf"], CONFIG);
    world.changed();
    CAUSES[cause](world);
    const { id } = world.activeRun("plan");
    world.runnerPlans({});
    expect(world.phases()[KEY]).toBe("planning");
    expect(world.activeRun("plan").id).not.toBe(id);
  },
);

test("S7 a close after an apply says that the locks stay, and what to do about it", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], CONFIG);
  STATES.applied(world);
  CAUSES.close(world);
  expect(world.last?.reasons).toContainEqual({
    code: "locks_kept",
    dirspaces: [KEY],
    why: "closed_after_apply",
  });
  CAUSES.unlock(world);
  world.changed();
  expect(world.last?.reasons.map(({ code }) => code)).toEqual(["pull_request_closed"]);
});
