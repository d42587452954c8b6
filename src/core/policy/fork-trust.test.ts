import { expect, test } from "vitest";
import { CoreWorld, person, sha } from "../../../test/support/core-world.ts";
import type { Permission, PullRequestView, Review } from "../pull-request.ts";
import type { Reason } from "../reason.ts";

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

function forked(change: Partial<PullRequestView> = {}): CoreWorld {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  world.view = { ...world.view, author: person("mallory"), fromFork: true, ...change };
  world.permissions = new Map<string, Permission>([
    ["bob", "write"],
    ["cara", "read"],
    ["mallory", "read"],
  ]);
  return world;
}

function review(login: string, change: Partial<Review> = {}): Review {
  return { reviewer: person(login), verdict: "approved", commit: sha(1), ...change };
}

test.each<readonly [string, readonly Review[], boolean]>([
  ["nobody has looked", [], false],
  ["somebody who may write has approved its commit", [review("bob")], true],
  ["somebody who may only read has approved it", [review("cara")], false],
  ["one of those who approved may write", [review("cara"), review("bob")], true],
  ["another commit was approved", [review("bob", { commit: sha(77) })], false],
  ["its commit was objected to", [review("bob", { verdict: "changes_requested" })], false],
  ["its author approved it", [review("mallory")], false],
])("T1, S17: of a fork where %s: %j starts jobs: %s", (_, reviews, starts) => {
  const world = forked();
  world.view = { ...world.view, headSha: sha(1), reviews };
  const reasons = codes(world.happens({ kind: "review_changed" }));
  expect(reasons.includes("plan_started")).toBe(starts);
  expect(reasons.includes("untrusted_fork")).toBe(!starts);
  expect(world.effects().includes("dispatch")).toBe(starts);
});

test("T1 an author with write access does not vouch for a fork of their own", () => {
  const world = forked({ author: person("bob") });
  world.view = { ...world.view, headSha: sha(1), reviews: [review("bob")] };
  expect(codes(world.changed())).toContain("untrusted_fork");
});

test("T1 the refusal names the commit to approve, and who approved it in vain", () => {
  const world = forked();
  world.view = { ...world.view, headSha: sha(1), reviews: [review("cara")] };
  expect(world.changed()).toContainEqual({
    code: "untrusted_fork",
    head: sha(1),
    approvedBy: ["cara"],
  });
});

test("T1 the approval ends with the commit: the plan under way stops, and the next commit needs its own", () => {
  const world = forked();
  world.view = { ...world.view, headSha: sha(1), reviews: [review("bob")] };
  world.happens({ kind: "review_changed" });
  world.view = { ...world.view, headSha: sha(2) };
  const reasons = codes(world.changed());
  expect(reasons).toContain("untrusted_fork");
  expect(reasons).toContain("run_cancelled");
  expect(world.effects()).toContain("cancel");
  world.view = { ...world.view, reviews: [review("bob", { commit: sha(2) })] };
  expect(codes(world.happens({ kind: "review_changed" }))).toContain("plan_started");
});

test("T1, S14: an approval that is taken back stops the plan, and what was planned is not applied", () => {
  const world = forked();
  world.view = { ...world.view, headSha: sha(1), reviews: [review("bob")] };
  world.happens({ kind: "review_changed" });
  world.runnerPlans({});
  expect(world.phases()).toEqual({ "net:default": "planned" });
  world.view = { ...world.view, reviews: [] };
  expect(codes(world.says("bob", "terrane apply"))).toContain("untrusted_fork");
  expect(world.hasActiveRun()).toBe(false);
});

test("T1 commands of people who may write start nothing of a fork that nobody approved", () => {
  const world = forked();
  for (const text of ["terrane plan", "terrane apply", "terrane repo-config"]) {
    expect(codes(world.says("bob", text))).toContain("untrusted_fork");
  }
  expect(world.hasActiveRun()).toBe(false);
});

test("what was merged is code of this repository, wherever it came from", () => {
  const world = forked();
  world.view = { ...world.view, state: "merged", mergeSha: sha(9) };
  expect(codes(world.changed())).not.toContain("untrusted_fork");
});
