import { expect, test } from "vitest";
import { CoreWorld, person, sha } from "../../../test/support/core-world.ts";
import type { Reason } from "../reason.ts";
import { checkLive } from "../run/live-check.ts";

const FILES = ["net/main.tf", "db/main.tf", ".terrane/config.yml", "ci/run.yml", "docs/a.md"];

/** The pull request of ann touches `net` and `db`; both are planned. */
function planned(access: string, more = "", changed = ["net/main.tf", "db/main.tf"]): CoreWorld {
  const world = new CoreWorld(
    FILES,
    changed,
    `access_control:\n  enabled: true\n${access}\n${more}`,
  );
  world.changed();
  if (world.hasActiveRun()) world.runnerPlans({});
  return world;
}

const NO_CHECKS =
  "apply_requirements:\n  checks: [{tag_query: '', status_checks: {enabled: false}}]";

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

function reasonOf<C extends Reason["code"]>(reasons: readonly Reason[], code: C) {
  return reasons.find((one): one is Extract<Reason, { code: C }> => one.code === code);
}

/** Who comments what, and what the decision says. The policies are those of §6.2. */
test.each([
  [
    "no entry of the operation: plan and apply are for anyone",
    "{tag_query: ''}",
    "apply",
    "apply_started",
  ],
  [
    "no entry of the operation: force is for nobody",
    "{tag_query: ''}",
    "apply-force",
    "access_denied",
  ],
  [
    "force needs its own list",
    "{tag_query: '', apply_force: ['user:bob']}",
    "apply-force",
    "apply_started",
  ],
  [
    "apply rights are no force rights",
    "{tag_query: '', apply: ['user:bob']}",
    "apply-force",
    "access_denied",
  ],
  [
    "force rights are no apply rights",
    "{tag_query: '', apply: [], apply_force: ['user:bob']}",
    "apply",
    "access_denied",
  ],
  [
    "a list is any of its terms",
    "{tag_query: '', apply: ['user:ann', 'team:ops', 'user:BOB']}",
    "apply",
    "apply_started",
  ],
  ["an empty list is nobody", "{tag_query: '', apply: []}", "apply", "access_denied"],
  [
    "the first policy decides",
    "{tag_query: '', apply: []}, {tag_query: '', apply: ['*']}",
    "apply",
    "access_denied",
  ],
  ["no policy is a no", "{tag_query: 'dir:elsewhere'}", "apply", "no_policy_matches"],
  ["no policy is a no for plans too", "{tag_query: 'dir:elsewhere'}", "plan", "no_policy_matches"],
  [
    "one dirspace without apply access denies the apply",
    "{tag_query: 'dir:db', apply: []}, {tag_query: ''}",
    "apply",
    "access_denied",
  ],
  [
    "the query may name the others",
    "{tag_query: 'dir:db', apply: []}, {tag_query: ''}",
    "apply dir:net",
    "apply_started",
  ],
  [
    "a plan is made of what may be planned",
    "{tag_query: 'dir:db', plan: []}, {tag_query: ''}",
    "plan",
    "plan_started",
  ],
  [
    "a plan of nothing is a refusal and no empty run",
    "{tag_query: '', plan: []}",
    "plan",
    "access_denied",
  ],
  ["a role", "{tag_query: '', apply: ['role:maintain']}", "apply", "access_denied"],
  ["a team", "{tag_query: '', apply: ['team:ops']}", "apply", "access_denied"],
])("%s", (_rule, policies, command, code) => {
  const world = planned(`  policies: [${policies}]`, NO_CHECKS);
  const runs = world.snapshot.runs.length;
  const reasons = world.says("bob", `terrane ${command}`);
  expect(codes(reasons)).toContain(code);
  const started = codes(reasons).some((one) => one.endsWith("_started"));
  expect(world.snapshot.runs.length > runs).toBe(started);
});

test("the refusal names who, what, who may, and the branch that the rules come from", () => {
  const world = planned(
    "  policies: [{tag_query: 'dir:db', apply: ['team:ops']}, {tag_query: ''}]",
  );
  world.hiddenTeams.add("ops");
  expect(reasonOf(world.says("bob", "terrane apply"), "access_denied")).toEqual({
    code: "access_denied",
    login: "bob",
    operation: "apply",
    dirspaces: ["db:default"],
    allowed: ["team ops"],
    branch: "main",
    unreadable: ["team ops cannot be looked up: may not look"],
    rules: [
      {
        path: "access_control.policies[0].apply",
        file: ".terrane/config.yml (on main)",
        line: 3,
      },
    ],
  });
});

test("a plan with access to some plans those, and names the others", () => {
  const world = planned("  policies: [{tag_query: 'dir:db', plan: ['user:ann']}, {tag_query: ''}]");
  const reasons = world.says("bob", "terrane plan");
  expect(reasonOf(reasons, "plan_started")?.dirspaces).toEqual(["net:default"]);
  expect(reasonOf(reasons, "access_denied")?.dirspaces).toEqual(["db:default"]);
  expect(world.snapshot.pullRequest.notice?.outcome).toBe("accepted");
});

test("plan_require_all_dirspace_access makes of some none", () => {
  const world = planned(
    "  plan_require_all_dirspace_access: true\n  policies: [{tag_query: 'dir:db', plan: ['user:ann']}, {tag_query: ''}]",
  );
  expect(codes(world.says("bob", "terrane plan"))).not.toContain("plan_started");
});

test("apply_require_all_dirspace_access false applies what may be applied", () => {
  const world = planned(
    "  apply_require_all_dirspace_access: false\n  policies: [{tag_query: 'dir:db', apply: []}, {tag_query: ''}]",
    NO_CHECKS,
  );
  const reasons = world.says("bob", "terrane apply");
  expect(reasonOf(reasons, "apply_started")?.dirspaces).toEqual(["net:default"]);
  expect(reasonOf(reasons, "access_denied")?.dirspaces).toEqual(["db:default"]);
});

test("a plan that overtakes another leaves out what its own person may not plan", () => {
  const world = planned("  policies: [{tag_query: 'dir:db', plan: ['user:ann']}, {tag_query: ''}]");
  world.says("ann", "terrane plan");
  const reasons = world.says("bob", "terrane plan dir:net");
  expect(reasonOf(reasons, "plan_started")?.dirspaces).toEqual(["net:default"]);
});

test("automatic plans are the author's: what she may not plan waits for somebody who may", () => {
  const world = planned("  policies: [{tag_query: 'dir:db', plan: ['user:bob']}, {tag_query: ''}]");
  expect(world.phases()).toEqual({ "db:default": "unplanned", "net:default": "planned" });
  expect(codes(world.snapshot.pullRequest.notice?.reasons ?? [])).toEqual(["access_denied"]);
  expect(codes(world.says("bob", "terrane plan"))).toContain("plan_started");
});

test.each([
  ["needs the approval", [], ["bob"], [], "access_denied"],
  ["is satisfied by it", ["cyd"], ["bob"], ["cyd"], "apply_started"],
  ["is not satisfied by anybody else's", ["dan"], ["bob"], ["cyd"], "access_denied"],
  ["is for those it names only", ["cyd"], ["eve"], ["cyd"], "access_denied"],
  ["does not take the author's own approval", ["ann"], ["bob"], ["ann"], "access_denied"],
] as const)("applying with a superapproval %s", (_rule, approvals, mayWith, by, code) => {
  const list = (logins: readonly string[]) =>
    `[${logins.map((one) => `'user:${one}'`).join(", ")}]`;
  const policy = `{tag_query: '', apply: [], apply_with_superapproval: ${list(mayWith)}, superapproval: ${list(by)}}`;
  const world = planned(`  policies: [${policy}]`, NO_CHECKS);
  for (const login of approvals) world.approve(login);
  expect(codes(world.says("bob", "terrane apply"))).toContain(code);
});

test("S14 a superapproval of an older commit does not count", () => {
  const policy =
    "{tag_query: '', apply: [], apply_with_superapproval: ['*'], superapproval: ['user:cyd']}";
  const world = planned(`  policies: [${policy}]`, NO_CHECKS);
  world.approve("cyd");
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply"))).toContain("access_denied");
});

test.each([
  [
    "terrateam_config_update: ['user:ann']",
    { kind: "modified", path: ".terrane/config.yml" },
    "config",
  ],
  [
    "terrateam_config_update: ['user:ann']",
    { kind: "added", path: ".terrateam/config.yaml" },
    "config",
  ],
  [
    "terrateam_config_update: ['user:ann']",
    { kind: "renamed", from: ".terrane/config.yml", to: "old.yml" },
    "config",
  ],
  [
    "terrateam_config_update: ['user:ann']",
    { kind: "modified", path: ".terrane/script.sh" },
    undefined,
  ],
  ["ci_config_update: ['user:ann']", { kind: "modified", path: "ci/run.yml" }, "ci"],
  ["ci_config_update: ['user:ann']", { kind: "renamed", from: "x.yml", to: "ci/run.yml" }, "ci"],
  ["ci_config_update: ['user:ann']", { kind: "modified", path: "ci/other.yml" }, undefined],
  ["files: {docs/a.md: ['user:ann']}", { kind: "deleted", path: "docs/a.md" }, "file"],
  ["files: {docs/a.md: ['user:ann']}", { kind: "renamed", from: "docs/a.md", to: "b" }, "file"],
  ["files: {docs/a.md: ['user:ann']}", { kind: "renamed", from: "b", to: "docs/a.md" }, "file"],
  ["files: {docs/a.md: ['user:ann']}", { kind: "modified", path: "docs/a.md.bak" }, undefined],
  ["files: {docs/a.md: ['user:bob']}", { kind: "modified", path: "docs/a.md" }, undefined],
] as const)("the guard %s and the change %j come to %s", (guard, change, what) => {
  const world = new CoreWorld(FILES, ["net/main.tf"], `access_control: {enabled: true, ${guard}}`);
  world.changes = [...world.changes, change];
  world.changed();
  const before = world.snapshot.runs.length;
  const reasons = world.says("bob", "terrane plan");
  expect(reasonOf(reasons, "file_guarded")?.what).toBe(what);
  expect(world.snapshot.runs.length === before).toBe(what !== undefined);
});

test("a guard holds after the merge as well, by what the pull request changed", () => {
  const world = planned("  files: {docs/a.md: ['user:ann']}", "", ["net/main.tf", "docs/a.md"]);
  world.view = {
    ...world.view,
    state: "merged",
    mergeSha: sha(12),
    baseSha: sha(12),
    defaultBranchSha: sha(12),
  };
  world.baseChanges.set(`${sha(1)}..${sha(12)}`, world.changes);
  world.changed();
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply"))).toContain("file_guarded");
  expect(codes(world.says("ann", "terrane apply"))).toContain("apply_started");
});

test("what anyone may is looked up by nobody", () => {
  const world = planned("  policies: [{tag_query: ''}]", NO_CHECKS);
  world.says("bob", "terrane plan");
  expect(world.asked.filter((one) => /team|ci_files/.test(one))).toEqual([]);
});

test.each([
  ["['user:cyd']", "bob", "unlock_denied"],
  ["['user:bob']", "bob", "unlocked"],
  ["['team:ops']", "bob", "unlock_denied"],
  ["['*']", "bob", "unlocked"],
])("unlock by %s: %s gets %s", (list, login, code) => {
  const world = planned(`  unlock: ${list}`, NO_CHECKS);
  world.says("ann", "terrane apply");
  world.runnerApplies();
  expect(codes(world.says(login, "terrane unlock"))).toContain(code);
});

test("force leaves out the requirements and nothing else", () => {
  const access = "  policies: [{tag_query: '', apply_force: ['user:bob']}]";
  const rules =
    "apply_requirements:\n  checks: [{tag_query: '', approved: {enabled: true, any_of_count: 2}}]";
  const world = planned(access, rules);
  world.checks = [{ name: "lint", state: "failed" }];
  world.view = { ...world.view, draft: true };
  expect(codes(world.says("bob", "terrane apply"))).toEqual(
    expect.arrayContaining(["not_approved", "checks_not_passed", "draft"]),
  );
  world.lockedBy("db:default", 12);
  expect(codes(world.says("bob", "terrane apply-force"))).toEqual(["locked", "queued"]);
  world.lockedBy("db:default", undefined);
  // The next event of the pull request notices that it is its turn.
  expect(codes(world.says("cyd", "terrane apply-force"))).toEqual(["turn_began", "access_denied"]);
  expect(codes(world.says("bob", "terrane apply-force"))).toEqual(
    expect.arrayContaining(["apply_started", "apply_forced"]),
  );
  expect(world.activeRun("apply").forced).toBe(true);
});

test("force without access control is refused: no rule says who may", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply-force"))).toEqual(["access_control_off"]);
});

test("S14 S16 whoever asked for the apply is judged again before it begins", () => {
  const world = planned("  policies: [{tag_query: '', apply: ['team:ops']}]", NO_CHECKS);
  world.teams.add("ops:bob");
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
  const { id, actor } = world.activeRun("apply");
  expect(actor).toEqual(person("bob"));
  const live = () =>
    world.live((facts) =>
      checkLive(world.snapshot, { runId: id, unit: world.state("net:default").key }, facts),
    );
  expect(live().kind).toBe("passed");
  world.teams.delete("ops:bob");
  const refused = live();
  expect(refused.kind === "refused" ? codes(refused.reasons) : refused.kind).toEqual([
    "access_denied",
  ]);
});
