import { expect, test } from "vitest";
import { CoreWorld, person, sha } from "../../test/support/core-world.ts";
import type { Reason } from "./reason.ts";

const FILES = ["net/main.tf", "db/main.tf", "app/main.tf", "docs/readme.md"];
const LAYERED = `
dirs:
  db: {when_modified: {depends_on: "dir:net"}}
  app: {when_modified: {depends_on: "dir:db"}}
`;

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

function planned(changed: readonly string[] = ["net/main.tf"], config?: string): CoreWorld {
  const world = new CoreWorld(FILES, changed, config);
  world.changed();
  world.runnerPlans({});
  return world;
}

test("an opened pull request plans every directory it touches, at once", () => {
  const world = new CoreWorld(FILES, ["net/main.tf", "app/main.tf"]);
  expect(codes(world.changed())).toContain("plan_started");
  expect(world.activeRun("plan").works.map((work) => work.dirspace)).toEqual([
    "app:default",
    "net:default",
  ]);
  expect(world.effects()).toEqual(["publish", "dispatch"]);
});

test("S22 the same happening again starts nothing new", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  expect(codes(world.changed())).toEqual(["plans_current"]);
  expect(world.snapshot.runs).toHaveLength(1);
});

test("a change that concerns no directory plans nothing and says so", () => {
  const world = new CoreWorld(FILES, ["docs/readme.md"]);
  expect(world.changed()).toMatchObject([{ code: "nothing_affected", deletedDirs: [] }]);
  expect(world.effects()).toEqual(["publish"]);
});

test("a push ends the plan of the old commit and plans the new one", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.view = { ...world.view, headSha: sha(11) };
  expect(codes(world.changed())).toEqual(
    ["run_superseded", "plan_started", "plans_current"].slice(0, 3),
  );
  expect(world.snapshot.runs.map((run) => run.outcome)).toEqual(["superseded", undefined]);
  expect(world.effects()).toContain("cancel");
});

test("a dirspace is planned as soon as its own predecessors are applied, without waiting for others", () => {
  const world = planned(["net/main.tf"], LAYERED);
  expect(world.phases()).toEqual({
    "app:default": "waiting",
    "db:default": "waiting",
    "net:default": "planned",
  });
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
  world.runnerApplies();
  expect(world.phases()).toMatchObject({ "net:default": "applied", "db:default": "planning" });
  world.runnerPlans({ "db:default": "unchanged", "app:default": "changed" });
  expect(world.phases()["db:default"]).toBe("unchanged");
});

test("after a failed plan nothing is planned again by itself", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.runnerPlans({ "net:default": "failed" });
  expect(world.phases()).toEqual({ "net:default": "plan_failed" });
  expect(world.hasActiveRun()).toBe(false);
  expect(codes(world.changed())).toEqual(["plans_current"]);
});

test.each(["checks_wanted", "merged", "invalidated", "dequeued"] as const)(
  "a merge queue whose group is %s has the pull request looked at again",
  (state) => {
    const world = planned();
    world.view = { ...world.view, headSha: sha(11) };
    const group = { head: sha(12), base: sha(13), baseRef: "main", state };
    expect(codes(world.happens({ kind: "merge_group", group }))).toContain("plan_started");
  },
);

test("an apply needs write access", () => {
  const world = planned();
  world.permissions.set("eve", "read");
  expect(world.says("eve", "terrane apply")).toEqual([
    { code: "not_permitted", login: "eve", has: "read", needs: "write" },
  ]);
  expect(world.snapshot.pullRequest.notice?.outcome).toBe("refused");
});

const APPROVED = `
apply_requirements:
  checks:
    - tag_query: ""
      approved: {enabled: true, any_of_count: 1}
`;

test("S14 an apply is refused without the approval that is required, and the author's own does not count", () => {
  const world = planned(["net/main.tf"], APPROVED);
  world.approve("ann");
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["not_approved"]);
  world.says("bob", "terrane why");
  world.approve("bob");
  expect(codes(world.happens({ kind: "review_changed" }))).toContain("now_approved");
  world.says("bob", "terrane why");
  expect(codes(world.snapshot.pullRequest.notice?.reasons ?? [])).toEqual(["now_approved"]);
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
});

test("S14 an approval of an older commit does not count", () => {
  const world = planned(["net/main.tf"], APPROVED);
  world.approve("bob");
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["not_approved"]);
});

test("S10 a plan of an older commit is never applied", () => {
  const world = planned();
  world.view = { ...world.view, headSha: sha(11) };
  const reasons = world.says("bob", "terrane apply");
  expect(codes(reasons)).toContain("not_planned");
  expect(world.effects()).not.toContain("dispatch");
});

test("S11 a plan is stale when the base branch brought in a file that feeds it, and is made again", () => {
  const world = planned();
  world.view = { ...world.view, baseSha: sha(2) };
  world.baseChanges.set(`${sha(1)}..${sha(2)}`, [{ kind: "modified", path: "net/main.tf" }]);
  const reasons = world.happens({ kind: "base_moved", after: sha(2) });
  expect(codes(reasons)).toContain("plan_started");
  expect(world.phases()["net:default"]).toBe("planning");
});

test("S11 a base branch that moved elsewhere leaves the plan good", () => {
  const world = planned();
  world.view = { ...world.view, baseSha: sha(2) };
  world.baseChanges.set(`${sha(1)}..${sha(2)}`, [{ kind: "modified", path: "db/main.tf" }]);
  world.happens({ kind: "base_moved", after: sha(2) });
  expect(world.phases()["net:default"]).toBe("planned");
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
});

test("an apply is refused while another pull request holds the lock, also of a directory it does not apply", () => {
  const world = planned(["net/main.tf", "app/main.tf"]);
  world.lockedBy("app:default", 3);
  expect(world.says("bob", "terrane apply dir:net")).toEqual([
    { code: "locked", locks: [{ dirspace: "app:default", by: 3, because: "applied" }] },
    { code: "queued", position: 1, of: 1, behind: [3] },
  ]);
  world.lockedBy("app:default", undefined);
  const told = world.happens({ kind: "neighbour_changed", number: 3, because: "released" });
  expect(codes(told)).toContain("lock_freed");
  expect(codes(world.says("bob", "terrane apply dir:net"))).toContain("apply_started");
});

test("S11 another pull request's apply makes the plan stale", () => {
  const world = planned();
  world.appliedElsewhere("net:default");
  expect(world.phases()["net:default"]).toBe("stale");
  expect(codes(world.says("bob", "terrane apply"))).toContain("plan_stale");
});

test("locks are held from apply to merge, for all directories of the pull request", () => {
  const world = planned(["net/main.tf", "app/main.tf"]);
  world.says("bob", "terrane apply dir:net");
  expect(world.ownLocks()).toEqual(["app:default", "net:default"]);
  world.runnerApplies();
  expect(world.ownLocks()).toEqual(["app:default", "net:default"]);
  world.says("bob", "terrane apply");
  world.runnerApplies();
  world.view = { ...world.view, state: "merged", mergeSha: sha(2) };
  world.changed();
  expect(world.ownLocks()).toEqual([]);
  expect(world.effects()).toContain("tell_neighbours");
});

test("locks are held from merge to apply", () => {
  const world = planned();
  world.view = { ...world.view, state: "merged", mergeSha: sha(1) };
  world.changed();
  expect(world.ownLocks()).toEqual(["net:default"]);
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
  world.runnerApplies();
  expect(world.ownLocks()).toEqual([]);
});

test("a closed pull request that applied nothing keeps no lock", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  const run = world.activeRun("apply");
  world.ends(run.id, "cancelled");
  expect(world.phases()["net:default"]).toBe("planned");
  expect(world.ownLocks()).toEqual([]);
});

test("S3 silence frees nothing; the CI system's word does", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.grantWork("net:default");
  const run = world.activeRun("apply");
  world.happens({ kind: "run_went_silent", runId: run.id });
  expect(world.phases()["net:default"]).toBe("unknown");
  expect(world.ownLocks()).toEqual(["net:default"]);
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["apply_unknown"]);
  world.ends(run.id, "failure");
  expect(world.phases()["net:default"]).toBe("apply_failed");
  expect(world.ownLocks()).toEqual(["net:default"]);
});

test("S13 after a failed apply only a new plan leads to another apply", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.runnerApplies("failed");
  expect(codes(world.says("bob", "terrane apply"))).toEqual(["plan_stale"]);
  expect(codes(world.says("bob", "terrane plan"))).toContain("plan_started");
  world.runnerPlans({});
  expect(codes(world.says("bob", "terrane apply"))).toContain("apply_started");
});

test("S4 unlock during an apply asks it to stop and waits for its end", () => {
  const world = planned();
  world.says("bob", "terrane apply");
  world.grantWork("net:default");
  const run = world.activeRun("apply");
  expect(codes(world.says("bob", "terrane unlock"))).toEqual(["unlock_waits"]);
  expect(world.effects()).toContain("cancel");
  expect(world.ownLocks()).toEqual(["net:default"]);
  expect(codes(world.ends(run.id, "cancelled"))).toContain("locks_released");
  expect(world.ownLocks()).toEqual([]);
});

test("a job that died while planning fails its plans and says so", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.ends(world.activeRun("plan").id, "failure");
  expect(world.phases()["net:default"]).toBe("plan_failed");
  expect(world.state("net:default").plan?.failure).toContain("without a result");
});

test("T13 directories that are not told apart stop every command until one is renamed", () => {
  const world = new CoreWorld(["Net/main.tf", "net/main.tf", "app/main.tf"], ["Net/main.tf"]);
  expect(codes(world.changed())).toEqual(["same_directory"]);
  for (const verb of ["plan", "apply"]) {
    expect(codes(world.says("bob", `terrane ${verb}`))).toContain("same_directory");
    expect(world.snapshot.runs).toEqual([]);
  }
  const other = new CoreWorld(["Net/main.tf", "net/main.tf", "app/main.tf"], ["app/main.tf"]);
  expect(codes(other.changed())).toContain("plan_started");
});

test("a merge conflict stops planning and is named until it is gone", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.view = { ...world.view, mergeable: "conflict" };
  expect(world.changed()).toMatchObject([{ code: "merge_conflict", base: "main" }]);
  expect(world.snapshot.pullRequest.notice?.reasons).toHaveLength(1);
  world.view = { ...world.view, mergeable: "clean", headSha: sha(12) };
  expect(codes(world.changed())).toContain("plan_started");
  expect(world.snapshot.pullRequest.notice).toBeUndefined();
});

test("a broken configuration stops everything with its place", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"], "dirs:\n  net:\n    tagz: [a]\n");
  const [reason] = world.changed();
  expect(reason).toMatchObject({ code: "config_invalid", diagnostics: [{ line: 3 }] });
});

test("what is not a command gets no answer at all, and costs no call", () => {
  const world = planned();
  expect(world.says("bob", "looks good to me")).toEqual([{ code: "not_a_command" }]);
  expect(world.effects()).toEqual([]);
  expect(world.asked).toEqual([]);
});

const LIES = [
  ["gone", undefined],
  ["edited", { author: person("bob"), body: "terrane plan" }],
  ["edited", { author: person("bob"), body: "terrane apply " }],
  ["other_author", { author: person("mallory"), body: "terrane apply" }],
  // The id counts: logins can be renamed and reused.
  ["other_author", { author: { ...person("mallory"), login: "bob" }, body: "terrane apply" }],
] as const;

test.each(LIES)("T7 a comment that is %s when it is read again does nothing", (because, real) => {
  const world = planned();
  world.approve("cyd");
  world.comments = new Map(real === undefined ? [] : [["1", real]]);
  const before = world.snapshot;
  const said = { author: person("bob"), body: "terrane apply" };
  expect(world.happens({ kind: "commented", commentId: "1", ...said })).toEqual([
    { code: "comment_unconfirmed", because },
  ]);
  // Quietly: no notice, no reaction, and nothing else was looked up.
  expect(world.last).toMatchObject({ writes: [], effects: [] });
  expect(world.snapshot).toEqual({ ...before, held: new Set() });
  expect(world.asked).toEqual(["comment:1"]);
});

test("T7 a command is that of the person the VCS names, whatever login the webhook gave", () => {
  const world = planned();
  world.permissions.set("mallory", "read");
  world.comments.set("1", { author: person("mallory"), body: "terrane apply" });
  const author = { ...person("mallory"), login: "bob" };
  world.happens({ kind: "commented", commentId: "1", author, body: "terrane apply" });
  expect(world.snapshot.pullRequest.notice).toMatchObject({
    actor: "mallory",
    outcome: "refused",
    reasons: [{ code: "not_permitted", login: "mallory" }],
  });
});

test("T7 a command by another door has no comment to be read again", () => {
  const world = planned();
  world.happens({ kind: "command_given", actor: person("bob"), text: "terrane help", via: "api" });
  expect(world.asked).toEqual(["pull_request"]);
  expect(world.snapshot.pullRequest.notice?.outcome).toBe("information");
});

test("S30 equal inputs give equal decisions, byte for byte", () => {
  const run = () => {
    const world = planned(["net/main.tf", "app/main.tf"], LAYERED);
    world.says("bob", "terrane apply");
    return JSON.stringify([world.last, world.snapshot]);
  };
  expect(run()).toBe(run());
});
