import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { Effect } from "../decision.ts";
import type { Reason } from "../reason.ts";
import { isReadyToMerge } from "./automerge.ts";

const FILES = ["net/main.tf", "db/main.tf", ".terrane/config.yml"];
const ON = "automerge: {enabled: true}\n";

type Merge = Extract<Effect, { kind: "merge" }>;

/** What the last decision wants merged. */
function merges(world: CoreWorld): readonly Merge[] {
  return (world.last?.effects ?? []).filter((effect) => effect.kind === "merge");
}

function codes(world: CoreWorld): readonly Reason["code"][] {
  return (world.last?.reasons ?? []).map(({ code }) => code);
}

function noticeOf(world: CoreWorld): readonly Reason["code"][] {
  return (world.snapshot.pullRequest.notice?.reasons ?? []).map(({ code }) => code);
}

function planned(config: string, outcome: "changed" | "unchanged" = "changed"): CoreWorld {
  const world = new CoreWorld(FILES, ["net/main.tf"], config);
  world.changed();
  world.runnerPlans({ "net:default": outcome });
  return world;
}

function applied(config = ON): CoreWorld {
  const world = planned(config);
  world.says("bob", "terrane apply");
  world.runnerApplies();
  return world;
}

const refusal = (world: CoreWorld, message = "1 approving review is required") =>
  world.happens({ kind: "merge_refused", head: world.view.headSha, why: "rejected", message });

test("nothing is merged before everything is applied, and then exactly the head that was", () => {
  const world = planned(ON);
  expect(merges(world)).toEqual([]);
  world.says("bob", "terrane apply");
  expect(merges(world)).toEqual([]);
  world.runnerApplies();
  expect(merges(world)).toEqual([
    {
      kind: "merge",
      key: `merge:pr-7:${sha(10)}`,
      head: sha(10),
      method: "auto",
      title: "Terrane automerge #7",
    },
  ]);
  expect(codes(world)).toContain("automerge_started");
});

test("without `automerge` nothing is merged", () => {
  for (const config of ["", "automerge: {enabled: false, merge_strategy: squash}\n"]) {
    expect(merges(applied(config))).toEqual([]);
  }
});

test.each([
  ["automerge: {enabled: true, merge_strategy: squash}\n", { method: "squash" }],
  ["automerge: {enabled: true, merge_strategy: rebase}\n", { method: "rebase" }],
  ["automerge: {enabled: true, retain_pr_title: true}\n", { title: "Change things (#7)" }],
  ["automerge: {enabled: true, delete_branch: true}\n", { deletes: "feature" }],
])("%s is what the VCS is asked for", (config, wanted) => {
  expect(merges(applied(config))).toMatchObject([wanted]);
});

test("the branch that others build on is never deleted", () => {
  const config =
    "automerge: {enabled: true, delete_branch: true}\ndestination_branches: [release]\n";
  const release = new CoreWorld(FILES, ["net/main.tf"], config);
  release.view = { ...release.view, headRef: "main", baseRef: "release" };
  release.changed();
  release.runnerPlans({ "net:default": "unchanged" });
  const [merge] = merges(release);
  expect(merge).toBeDefined();
  expect(merge?.deletes).toBeUndefined();
});

test("a failed apply merges nothing", () => {
  const world = planned(ON);
  world.says("bob", "terrane apply");
  world.runnerApplies("failed");
  expect(merges(world)).toEqual([]);
});

test("a plan without changes counts as applied, unless an apply is wanted explicitly", () => {
  expect(merges(planned(ON, "unchanged"))).toHaveLength(1);
  const explicit = "automerge: {enabled: true, require_explicit_apply: true}\n";
  const world = planned(explicit, "unchanged");
  expect(merges(world)).toEqual([]);
  expect(world.last?.reasons).toContainEqual({
    code: "automerge_held",
    why: "nothing_applied",
    dirspaces: [],
  });
  expect(merges(applied(explicit))).toHaveLength(1);
});

test("what may be applied only after the merge holds the merge back", () => {
  const after =
    "apply_requirements: {checks: [{tag_query: '', apply_after_merge: {enabled: true}}]}\n";
  const world = planned(`${ON}${after}`);
  world.says("bob", "terrane apply");
  expect(merges(world)).toEqual([]);
  const auto = planned(`${ON}dirs: {net: {when_modified: {autoapply: true}}}\n`);
  expect(merges(auto)).toEqual([]);
});

test("nothing affected is nothing to merge", () => {
  const world = new CoreWorld([...FILES, "README.md"], ["README.md"], ON);
  world.changed();
  expect(merges(world)).toEqual([]);
});

test("a draft is merged once it is ready", () => {
  const world = planned(ON);
  world.says("bob", "terrane apply");
  world.view = { ...world.view, draft: true };
  world.runnerApplies();
  expect(merges(world)).toEqual([]);
  expect(codes(world)).toContain("automerge_held");
  world.view = { ...world.view, draft: false };
  world.changed();
  expect(merges(world)).toHaveLength(1);
});

test("a push in the meantime is planned and applied before anything is merged", () => {
  const world = planned(ON);
  world.says("bob", "terrane apply");
  world.view = { ...world.view, headSha: sha(11) };
  world.runnerApplies();
  expect(merges(world)).toEqual([]);
});

test("what an earlier commit applied and the head does not touch any more is not merged away", () => {
  const world = planned(ON);
  world.says("bob", "terrane apply");
  world.runnerApplies("failed");
  world.view = { ...world.view, headSha: sha(11) };
  world.changes = [{ kind: "modified", path: "db/main.tf" }];
  world.changed();
  world.runnerPlans({ "db:default": "unchanged" });
  expect(merges(world)).toEqual([]);
  expect(world.last?.reasons).toContainEqual({
    code: "automerge_held",
    why: "left_behind",
    dirspaces: ["net:default"],
  });
});

test("S10 what was decided is not done any more once a plan is asked for again or somebody pushed", () => {
  const ready = (world: CoreWorld) =>
    isReadyToMerge(world.snapshot, world.snapshot.pullRequest.view ?? world.view, sha(10));
  const world = applied();
  expect(ready(world)).toBe(true);
  world.says("bob", "terrane plan");
  expect(ready(world)).toBe(false);
  const pushed = applied();
  pushed.view = { ...pushed.view, headSha: sha(11) };
  pushed.changed();
  expect(ready(pushed)).toBe(false);
  const unlocked = applied();
  unlocked.says("bob", "terrane unlock");
  expect(ready(unlocked)).toBe(false);
});

test("a refusal is said once, and asked about again only when something has changed", () => {
  const world = applied();
  refusal(world);
  expect(noticeOf(world)).toEqual(["automerge_refused"]);
  world.happens({ kind: "neighbour_changed", number: 8, because: "applied" });
  expect(merges(world)).toEqual([]);
  expect(noticeOf(world)).toEqual(["automerge_refused"]);
  world.approve("bob");
  world.happens({ kind: "review_changed" });
  expect(merges(world)).toHaveLength(1);
  expect(noticeOf(world)).not.toContain("automerge_refused");
  expect(world.snapshot.pullRequest.unmerged).toBeUndefined();
});

test("whoever mended what was in the way says so with `terrane apply`", () => {
  const world = applied();
  refusal(world);
  world.says("bob", "terrane apply");
  expect(merges(world)).toHaveLength(1);
  expect(codes(world)).toContain("nothing_to_apply");
});

test("a question beside a refusal does not take it away", () => {
  const world = applied();
  refusal(world);
  world.says("bob", "terrane help");
  expect(noticeOf(world)).toEqual(["automerge_refused"]);
});

test("a refusal of an older head says nothing about this one", () => {
  const world = applied();
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  world.happens({ kind: "merge_refused", head: sha(10), why: "rejected", message: "it moved" });
  expect(codes(world)).toEqual(["event_outdated"]);
  expect(noticeOf(world)).not.toContain("automerge_refused");
});

const queued = (world: CoreWorld) =>
  world.happens({ kind: "merge_queued", head: world.view.headSha });

test("what is in a merge queue is said once, and whatever the queue does it is not put in again by itself", () => {
  const world = applied();
  queued(world);
  expect(noticeOf(world)).toEqual(["automerge_queued"]);
  expect(world.snapshot.pullRequest.notice?.outcome).toBe("information");
  // A queue that gives it back tells of that as of every other change.
  world.changed();
  world.happens({ kind: "review_changed" });
  world.happens({ kind: "neighbour_changed", number: 8, because: "applied" });
  expect(merges(world)).toEqual([]);
  expect(noticeOf(world)).toEqual(["automerge_queued"]);
  world.says("bob", "terrane apply");
  expect(merges(world)).toHaveLength(1);
  expect(world.snapshot.pullRequest.unmerged).toBeUndefined();
});

test("a new head is put into the merge queue once it is applied, whatever became of the one before", () => {
  const world = applied();
  queued(world);
  world.view = { ...world.view, headSha: sha(11) };
  world.changed();
  world.runnerPlans({ "net:default": "changed" });
  world.says("bob", "terrane apply");
  world.runnerApplies();
  expect(merges(world)).toMatchObject([{ head: sha(11) }]);
});

test("a branch that is to be deleted is deleted when the queue has merged it, and not before", () => {
  const world = applied("automerge: {enabled: true, delete_branch: true}\n");
  queued(world);
  expect(merges(world)).toEqual([]);
  world.view = { ...world.view, state: "merged", mergeSha: sha(20) };
  world.changed();
  expect(merges(world)).toMatchObject([{ head: sha(10), deletes: "feature" }]);
  expect(world.snapshot.pullRequest.unmerged).toBeUndefined();
});

test.each([
  ["without `delete_branch`", ON, true],
  [
    "where people merged it without a queue",
    "automerge: {enabled: true, delete_branch: true}\n",
    false,
  ],
])("%s nothing is asked for after the merge", (_what, config, isQueued) => {
  const world = applied(config);
  if (isQueued) queued(world);
  world.view = { ...world.view, state: "merged", mergeSha: sha(20) };
  world.changed();
  expect(merges(world)).toEqual([]);
});

test("a branch that stays is told of after the merge", () => {
  const world = applied("automerge: {enabled: true, delete_branch: true}\n");
  world.view = { ...world.view, state: "merged", mergeSha: sha(20) };
  world.changed();
  world.happens({ kind: "branch_kept", branch: "feature", message: "it moved on" });
  expect(noticeOf(world)).toEqual(["branch_kept"]);
});
