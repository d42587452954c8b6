import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { Reason } from "../reason.ts";

const FILES = ["net/main.tf", "db/main.tf", "app/main.tf"];

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

function noticeOf(world: CoreWorld): readonly Reason[] {
  return world.snapshot.pullRequest.notice?.reasons ?? [];
}

/** What the newest apply run works on; empty where none is active. */
function applying(world: CoreWorld): readonly string[] {
  const active = world.snapshot.runs.filter((run) => run.kind === "apply" && run.state !== "ended");
  return active.flatMap((run) => run.works.map((work): string => work.dirspace));
}

function planned(config: string, changed: readonly string[] = FILES): CoreWorld {
  const world = new CoreWorld(FILES, changed, config);
  world.changed();
  world.runnerPlans({});
  return world;
}

const stacks = (app: string, net = "{}"): string => `
stacks:
  names:
    net: {tag_query: "dir:net", rules: ${net}}
    app: {tag_query: "dir:app", rules: ${app}}
`;
const AFTER = stacks("{apply_after: [net]}");

test("apply leaves out what apply_after keeps back, and says for what it waits", () => {
  const world = planned(AFTER);
  const reasons = world.says("bob", "terrane apply");
  expect(applying(world)).toEqual(["db:default", "net:default"]);
  expect(reasons).toContainEqual(
    expect.objectContaining({
      code: "stacks_unapplied",
      stack: "app",
      dirspaces: ["app:default"],
      after: ["net"],
      waitFor: ["net:default"],
    }),
  );
});

test("once what apply_after waits for is applied the notice says so, and the next apply takes the rest", () => {
  const world = planned(AFTER);
  world.says("bob", "terrane apply");
  world.runnerApplies();
  expect(world.hasActiveRun()).toBe(false);
  expect(noticeOf(world)).toEqual([
    { code: "order_reached", planned: ["app:default"], others: [] },
  ]);
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
  expect(applying(world)).toEqual(["app:default"]);
});

test("apply of a stack alone is refused while the stack before it is not applied", () => {
  const world = planned(AFTER);
  expect(codes(world.says("bob", "terrane apply stack_name:app"))).toContain("stacks_unapplied");
  expect(world.hasActiveRun()).toBe(false);
});

test("apply_after holds nobody back whose stack has no changes", () => {
  const world = new CoreWorld(FILES, FILES, AFTER);
  world.changed();
  world.runnerPlans({ "net:default": "unchanged" });
  world.says("bob", "terrane apply");
  expect(applying(world)).toEqual(["app:default", "db:default"]);
});

test("a failed apply of the stack before it keeps apply_after waiting", () => {
  const world = planned(AFTER);
  world.says("bob", "terrane apply");
  world.runnerApplies("failed");
  expect(codes(noticeOf(world))).not.toContain("order_reached");
  expect(codes(world.says("bob", "terrane apply stack_name:app"))).toContain("stacks_unapplied");
});

test("the layer after an applied one is planned, not applied, and the notice says what comes next (ADR 4)", () => {
  const config = "dirs: {app: {when_modified: {depends_on: 'dir:net'}}}";
  const world = planned(config, ["net/main.tf"]);
  world.says("bob", "terrane apply");
  world.runnerApplies();
  expect(applying(world)).toEqual([]);
  expect(world.phases()["app:default"]).toBe("planning");
  expect(noticeOf(world)).toEqual([
    { code: "order_reached", planned: [], others: ["app:default"] },
  ]);
});

test("what was to come next and turned out to have no changes is not asked for any more: the command is answered", () => {
  const config = "dirs: {app: {when_modified: {depends_on: 'dir:net'}}}";
  const world = planned(config, ["net/main.tf"]);
  world.says("bob", "terrane apply");
  world.runnerApplies();
  world.runnerPlans({ "app:default": "unchanged" });
  expect(world.phases()).toEqual({ "app:default": "unchanged", "net:default": "applied" });
  expect(noticeOf(world)).toEqual([{ code: "all_applied" }]);
  expect(world.snapshot.pullRequest.notice?.command).toBe("terrane apply");
});

test("an invitation stays while something of it is still to do", () => {
  const config = "dirs: {app: {when_modified: {depends_on: 'dir:net'}}}";
  const world = planned(config, ["net/main.tf"]);
  world.says("bob", "terrane apply");
  world.runnerApplies();
  world.runnerPlans({});
  expect(codes(noticeOf(world))).toEqual(["order_reached"]);
});

const AUTO = stacks("{auto_apply: true}");

test("a stack with auto_apply is applied when its plan is there, and nothing else is", () => {
  const world = planned(AUTO);
  expect(applying(world)).toEqual(["app:default"]);
  expect(codes(noticeOf(world))).toEqual(["autoapply_started"]);
  expect(world.ownLocks()).toEqual(["app:default", "db:default", "net:default"]);
  world.runnerApplies();
  expect(world.hasActiveRun()).toBe(false);
  expect(world.phases()["app:default"]).toBe("applied");
});

test("auto_apply: false and no auto_apply apply nothing", () => {
  expect(applying(planned(stacks("{auto_apply: false}")))).toEqual([]);
});

const APPROVED = `${AUTO}
apply_requirements: {checks: [{tag_query: "", approved: {enabled: true, any_of_count: 1}}]}
`;

test("auto_apply never skips an approval, and goes on when it is there", () => {
  const world = planned(APPROVED);
  expect(applying(world)).toEqual([]);
  expect(noticeOf(world)).toEqual([]);
  expect(codes(world.last?.reasons ?? [])).toEqual(
    expect.arrayContaining(["autoapply_held", "not_approved"]),
  );
  world.approve("carol");
  world.happens({ kind: "review_changed" });
  expect(applying(world)).toEqual(["app:default"]);
});

test("auto_apply never steps over a lock, and goes on when it is free", () => {
  const world = new CoreWorld(FILES, FILES, AUTO);
  world.changed();
  world.lockedBy("db:default", 9);
  world.runnerPlans({});
  expect(applying(world)).toEqual([]);
  expect(codes(world.last?.reasons ?? [])).toEqual(
    expect.arrayContaining(["autoapply_held", "locked"]),
  );
  world.lockedBy("db:default", undefined);
  world.happens({ kind: "neighbour_changed", number: 9, because: "released" });
  expect(applying(world)).toEqual(["app:default"]);
});

test("auto_apply keeps to access control: what its author may not apply is not applied", () => {
  const world = planned(`${AUTO}
access_control: {enabled: true, policies: [{tag_query: "", plan: ["*"], apply: ["user:bob"]}]}
`);
  expect(applying(world)).toEqual([]);
  expect(codes(world.last?.reasons ?? [])).toContain("autoapply_held");
});

test("auto_apply keeps to apply_after, and goes on by itself when that is applied", () => {
  const world = planned(stacks("{auto_apply: true, apply_after: [net]}"));
  expect(applying(world)).toEqual([]);
  expect(codes(world.last?.reasons ?? [])).toContain("stacks_unapplied");
  world.says("bob", "terrane apply stack_name:net");
  world.runnerApplies();
  expect(applying(world)).toEqual(["app:default"]);
});

test("stacks with auto_apply that come after one another are planned and applied one after the other", () => {
  const world = planned(stacks("{auto_apply: true, plan_after: [net]}", "{auto_apply: true}"));
  expect(applying(world)).toEqual(["net:default"]);
  world.runnerApplies();
  expect(world.phases()["app:default"]).toBe("planning");
  world.runnerPlans({});
  expect(applying(world)).toEqual(["app:default"]);
});

/** What ends an automatic apply without its success. */
const ENDINGS: readonly (readonly [string, (world: CoreWorld) => void])[] = [
  ["failed", (world) => world.runnerApplies("failed")],
  ["was never begun", (world) => void world.ends(world.activeRun("apply").id)],
];

test.each(ENDINGS)(
  "an automatic apply that %s is not tried again for this commit",
  (_name, end) => {
    const world = planned(AUTO);
    end(world);
    world.changed();
    expect(world.hasActiveRun()).toBe(false);
    world.says("bob", "terrane plan stack_name:app");
    world.runnerPlans({});
    expect(applying(world)).toEqual([]);
    expect(codes(world.last?.reasons ?? [])).toContain("autoapply_left");
    world.view = { ...world.view, headSha: sha(11) };
    world.changed();
    world.runnerPlans({});
    expect(applying(world)).toEqual(["app:default"]);
  },
);

test("an unlocked pull request is not applied by itself", () => {
  const world = planned(AUTO);
  world.runnerApplies();
  world.says("bob", "terrane unlock");
  world.says("bob", "terrane plan");
  world.runnerPlans({});
  expect(applying(world)).toEqual([]);
});

const AUTOAPPLY = "dirs: {app: {when_modified: {autoapply: true}}}";

function merge(world: CoreWorld): void {
  world.view = { ...world.view, state: "merged", mergeSha: sha(2) };
  world.changed();
}

test("autoapply waits for the merge and applies then, only what says it", () => {
  const world = planned(AUTOAPPLY);
  expect(applying(world)).toEqual([]);
  merge(world);
  expect(applying(world)).toEqual(["app:default"]);
  expect(noticeOf(world)).toMatchObject([{ code: "autoapply_started", merged: true }]);
});

test("autoapply after the merge waits for a plan of what was merged where the merge outdated it", () => {
  const world = planned(AUTOAPPLY);
  world.view = { ...world.view, baseSha: sha(2) };
  world.baseChanges.set(`${sha(1)}..${sha(2)}`, [{ kind: "modified", path: "app/main.tf" }]);
  merge(world);
  expect(applying(world)).toEqual([]);
  world.runnerPlans({});
  expect(applying(world)).toEqual(["app:default"]);
});

const lockPolicy = (policy: string) => `workflows: [{tag_query: "", lock_policy: ${policy}}]`;

test.each(["strict", "apply", "merge", "none"])(
  "autoapply applies after the merge whomever lock_policy: %s keeps out",
  (policy) => {
    const world = planned(`${AUTOAPPLY}\n${lockPolicy(policy)}`);
    merge(world);
    expect(applying(world)).toEqual(["app:default"]);
    world.runnerApplies();
    expect(world.phases()["app:default"]).toBe("applied");
  },
);

test.each(["apply", "none"])(
  "with lock_policy: %s a merge that outdated a plan makes it again, and locks nothing",
  (policy) => {
    const world = planned(`${AUTOAPPLY}\n${lockPolicy(policy)}`);
    world.view = { ...world.view, baseSha: sha(2) };
    world.baseChanges.set(`${sha(1)}..${sha(2)}`, [{ kind: "modified", path: "app/main.tf" }]);
    merge(world);
    expect(world.phases()["app:default"]).toBe("planning");
    expect(world.ownLocks()).toEqual([]);
    world.runnerPlans({});
    expect(applying(world)).toEqual(["app:default"]);
  },
);

test("what lock_policy: none leaves open after a merge is applied although everything locked is done", () => {
  const world = new CoreWorld(
    FILES,
    FILES,
    `${AUTOAPPLY}\nworkflows: [{tag_query: "dir:app", lock_policy: none}]`,
  );
  world.changed();
  world.runnerPlans({ "net:default": "unchanged", "db:default": "unchanged" });
  merge(world);
  expect(applying(world)).toEqual(["app:default"]);
  world.runnerApplies();
  expect(world.ownLocks()).toEqual([]);
  expect(world.snapshot.pullRequest.unlocked).toBe(true);
});

test("autoapply leaves a merged pull request alone that was unlocked", () => {
  const world = planned(AUTOAPPLY);
  merge(world);
  world.runnerApplies("failed");
  world.says("bob", "terrane unlock");
  world.changed();
  expect(world.hasActiveRun()).toBe(false);
});
