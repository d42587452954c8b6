import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../../test/support/core-world.ts";
import type { Reason } from "../../reason.ts";
import { decideGrant } from "../../run/grant.ts";
import { checkLive } from "../../run/live-check.ts";

const POLICY = "access_control:\n  policies: [{tag_query: '', apply_autoapprove: ['user:bob']}]\n";
const COMMAND = "terrane apply-autoapprove";

/** `net` and `db` are touched; nothing is planned yet. */
function opened(config: string | undefined): CoreWorld {
  const world = new CoreWorld(["net/main.tf", "db/main.tf"], ["net/main.tf", "db/main.tf"], config);
  world.changed();
  return world;
}

function failed(config: string | undefined): CoreWorld {
  const world = opened(config);
  world.runnerPlans({ "net:default": "failed", "db:default": "unchanged" });
  return world;
}

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map(({ code }) => code).filter((code) => code !== "locks_taken");
}

test("what has no plan that holds is applied without one, and what has nothing to do is left alone", () => {
  const world = failed(POLICY);
  expect(codes(world.says("bob", COMMAND))).toEqual(["autoapprove_started"]);
  const run = world.activeRun("apply");
  expect(run.autoApprove).toBe(true);
  expect(run.works.map(({ dirspace }) => dirspace)).toEqual(["net:default"]);
  const created = world.last?.writes.find(({ kind }) => kind === "create_run");
  expect(created).toMatchObject({ run: { autoApprove: true, units: [{ plan: undefined }] } });
  world.runnerApplies();
  expect(world.phases()["net:default"]).toBe("applied");
});

test.each([
  ["access control is off", undefined, "bob", ["access_control_off"]],
  ["no policy says who may", "access_control: {enabled: true}\n", "bob", ["access_denied"]],
  ["the policy names somebody else", POLICY, "cyd", ["access_denied"]],
  [
    "an approval is missing",
    `${POLICY}apply_requirements:\n  checks: [{tag_query: '', approved: {enabled: true}}]\n`,
    "bob",
    ["not_approved"],
  ],
])("S12 nothing is applied without a reviewed plan where %s", (_, config, who, expected) => {
  const world = failed(config);
  expect(codes(world.says(who, COMMAND))).toEqual(expected);
  expect(world.effects()).not.toContain("dispatch");
});

test("S14 a gate of the last plan, also of an older commit, a lock of another pull request and a plan in flight hold it", () => {
  const gated = opened(POLICY);
  const nobody = { token: "t", name: null, allOf: ["user:cyd"], anyOf: [], anyOfCount: 1 };
  gated.gates = [{ ...nobody, addReviewers: false }];
  gated.runnerPlans({});
  expect(codes(gated.says("bob", COMMAND))).toContain("gate_open");

  gated.config = `${POLICY}when_modified: {autoplan: false}\n`;
  gated.view = { ...gated.view, headSha: sha(11) };
  gated.changed();
  expect(gated.phases()["net:default"]).toBe("unplanned");
  expect(codes(gated.says("bob", COMMAND))).toContain("gate_open");

  const locked = failed(POLICY);
  locked.lockedBy("net:default", 12);
  expect(codes(locked.says("bob", COMMAND))).toContain("locked");

  expect(codes(opened(POLICY).says("bob", COMMAND))).toEqual(["plan_running"]);
});

test("what comes first is applied first", () => {
  const order = "dirs:\n  net: {when_modified: {depends_on: 'dir:db'}}\n";
  const world = opened(`${POLICY}${order}`);
  world.runnerPlans({ "db:default": "failed" });
  expect(codes(world.says("bob", COMMAND))).toEqual([
    "autoapprove_started",
    "predecessors_unapplied",
  ]);
  expect(world.activeRun("apply").works.map(({ dirspace }) => dirspace)).toEqual(["db:default"]);
});

function asked(): CoreWorld {
  const world = failed(POLICY);
  world.says("bob", COMMAND);
  return world;
}

function grant(world: CoreWorld, digest?: string) {
  const unit = world.state("net:default").key;
  const { id: runId } = world.activeRun("apply");
  const { view } = world;
  const decided = decideGrant(world.snapshot, { runId, unit, digest, view });
  return decided.kind === "refused" ? decided.code : decided.kind;
}

test.each<[string, (world: CoreWorld) => void, string]>([
  ["nothing happened since", () => undefined, "granted"],
  ["S10 the head moved", (w) => void (w.view = { ...w.view, headSha: sha(99) }), "HEAD_MOVED"],
  ["S11 the base moved", (w) => void (w.view = { ...w.view, baseSha: sha(98) }), "BASE_MOVED"],
  ["S11 somebody else applied", (w) => w.appliedElsewhere("net:default"), "APPLIED_ELSEWHERE"],
  ["S1 somebody applies", (w) => w.applyingElsewhere("net:default", 12), "APPLIED_ELSEWHERE"],
  ["S8 somebody owns it", (w) => w.lockedBy("net:default", 12), "LOCKED"],
  ["S14 it was closed", (w) => void (w.view = { ...w.view, state: "closed" }), "CLOSED"],
])("the permission where %s", (_, happens, outcome) => {
  const world = asked();
  happens(world);
  expect(grant(world)).toBe(outcome);
});

test("S12 a plan is neither taken where none binds, nor left out where one does", () => {
  expect(grant(asked(), "a".repeat(64))).toBe("PLAN_SWAPPED");
  const bound = opened(POLICY);
  bound.runnerPlans({});
  bound.says("bob", "terrane apply");
  expect(grant(bound)).toBe("PLAN_SWAPPED");
});

test("S14 S16 whoever may no longer apply without a plan is stopped right before it begins", () => {
  const world = asked();
  const unit = world.state("net:default").key;
  const { id: runId } = world.activeRun("apply");
  const live = () => world.live((facts) => checkLive(world.snapshot, { runId, unit }, facts));
  expect(live()).toMatchObject({ kind: "passed", autoApproved: true, forced: false });
  world.config = POLICY.replace("user:bob", "user:cyd");
  world.view = { ...world.view, baseSha: sha(2), defaultBranchSha: sha(2) };
  expect(live()).toMatchObject({ kind: "refused", reasons: [{ code: "access_denied" }] });
});
