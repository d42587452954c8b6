import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { MergeGroup } from "../merge-group.ts";
import type { Phase } from "../phase.ts";
import { judgeGroup } from "./judge-group.ts";
import type { GroupVerdict } from "./queued-group.ts";

interface Row {
  readonly rule: string;
  readonly foreign?: readonly string[] | undefined;
  readonly is: readonly [phase: Phase, ...marks: readonly ("moved" | "later")[]][];
  readonly verdict: string;
}

/** `refused base_moved`, `as_reviewed done`. */
function short(verdict: GroupVerdict): string {
  if (verdict.kind === "refused") return `refused ${verdict.because}`;
  return verdict.kind === "as_reviewed" ? `as_reviewed ${verdict.applies}` : verdict.kind;
}

test.each<Row>([
  { rule: "all applied", is: [["applied"], ["unchanged"]], verdict: "as_reviewed done" },
  { rule: "nothing to apply", is: [["unchanged"]], verdict: "as_reviewed nothing" },
  { rule: "nothing affected", is: [], verdict: "as_reviewed nothing" },
  {
    rule: "applied after the merge",
    is: [["planned", "later"], ["waiting"]],
    verdict: "as_reviewed later",
  },
  {
    rule: "one of them has to be applied before",
    is: [["planned", "later"], ["planned"]],
    verdict: "refused unapplied",
  },
  { rule: "plans are being made", is: [["planning"], ["applied"]], verdict: "pending" },
  { rule: "an apply is under way", is: [["applying"]], verdict: "pending" },
  { rule: "no plan", is: [["unplanned"]], verdict: "refused unplanned" },
  { rule: "a failed apply", is: [["apply_failed"]], verdict: "refused unplanned" },
  {
    rule: "what is in front touches it, even if it is applied",
    is: [["applied", "moved"]],
    verdict: "refused base_moved",
  },
  {
    rule: "other files",
    foreign: ["dns/main.tf"],
    is: [["applied"]],
    verdict: "refused other_changes",
  },
  {
    rule: "files that nobody can list",
    foreign: undefined,
    is: [["applied"]],
    verdict: "refused unreadable",
  },
])("a group of which it holds: $rule, is $verdict", ({ is, verdict, ...row }) => {
  const dirspaces = is.map(([phase, ...marks], i) => ({
    key: `d${i}:default` as DirspaceKey,
    phase,
    moved: marks.includes("moved"),
    afterMerge: marks.includes("later"),
  }));
  const foreign = "foreign" in row ? row.foreign : [];
  expect(short(judgeGroup({ foreign, dirspaces }))).toBe(verdict);
});

const FILES = ["net/main.tf", "db/main.tf"];
const GROUP: MergeGroup = { head: sha(30), base: sha(20), baseRef: "main", state: "checks_wanted" };

function applied(): CoreWorld {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  world.runnerApplies();
  brings(world, ["net/main.tf"]);
  return world;
}

/** What is between the base of the group and its head. */
function brings(world: CoreWorld, paths: readonly string[]): void {
  const changes = paths.map((path) => ({ kind: "modified", path }) as const);
  world.baseChanges.set(`${sha(20)}..${sha(30)}`, changes);
}

function queue(world: CoreWorld, group: MergeGroup = GROUP): string {
  world.happens({ kind: "merge_group", group });
  const { queued } = world.snapshot.pullRequest;
  return queued === undefined ? "none" : short(queued.verdict);
}

test("a group that brings what was reviewed, on a base that has nothing new for it, is as reviewed", () => {
  const world = applied();
  expect(queue(world)).toBe("as_reviewed done");
  world.baseChanges.set(`${sha(1)}..${sha(20)}`, [{ kind: "modified", path: "db/main.tf" }]);
  expect(queue(world)).toBe("as_reviewed done");
  expect(world.last?.effects.map(({ kind }) => kind)).toContain("publish");
});

test("a group behind one that touches the same directory is refused, with what to do", () => {
  const world = applied();
  world.baseChanges.set(`${sha(1)}..${sha(20)}`, [{ kind: "modified", path: "net/main.tf" }]);
  expect(queue(world)).toBe("refused base_moved");
});

test("a group with more than the pull request is refused", () => {
  const world = applied();
  brings(world, ["net/main.tf", "db/main.tf"]);
  expect(queue(world)).toBe("refused other_changes");
});

test("a group is answered when the plans that it waits for are there, never left", () => {
  const world = new CoreWorld(FILES, ["net/main.tf"]);
  world.changed();
  brings(world, ["net/main.tf"]);
  expect(queue(world)).toBe("pending");
  world.runnerPlans({});
  const { queued } = world.snapshot.pullRequest;
  expect(queued && short(queued.verdict)).toBe("refused unapplied");
});

test("a pull request that cannot be planned refuses its group", () => {
  const world = applied();
  world.config = "no_such_key: 1\n";
  expect(queue(world)).toBe("refused stopped");
});

test("what becomes of a group ends it, and news of an older one say nothing about the next", () => {
  const world = applied();
  queue(world);
  const next = { ...GROUP, head: sha(31) };
  world.baseChanges.set(`${sha(20)}..${sha(31)}`, [{ kind: "modified", path: "net/main.tf" }]);
  expect(queue(world, next)).toBe("as_reviewed done");
  expect(queue(world, { ...GROUP, state: "invalidated" })).toBe("as_reviewed done");
  expect(queue(world, { ...next, state: "dequeued" })).toBe("over");
  world.view = { ...world.view, state: "merged", mergeSha: sha(31) };
  expect(world.changed().map(({ code }) => code)).not.toContain("group_judged");
});

test("a group of a pull request that is merged is over", () => {
  const world = applied();
  queue(world);
  world.view = { ...world.view, state: "merged", mergeSha: sha(30) };
  world.changed();
  expect(world.snapshot.pullRequest.queued?.verdict).toEqual({ kind: "over" });
});
