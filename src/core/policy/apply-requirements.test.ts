import { expect, test } from "vitest";
import { CoreWorld, person } from "../../../test/support/core-world.ts";
import type { CommitCheck } from "../pull-request.ts";
import type { Reason } from "../reason.ts";

/** One planned directory under one requirement; gives what `terrane apply` comes to. */
function applied(rule: string, arrange: (world: CoreWorld) => void): readonly Reason[] {
  const config = `apply_requirements:\n  checks:\n    - ${rule}`;
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"], config);
  world.changed();
  world.runnerPlans({});
  arrange(world);
  return world.says("bob", "terrane apply");
}

function codes(reasons: readonly Reason[]): readonly string[] {
  const all = new Set(reasons.map((reason) => reason.code));
  return [...all].filter((code) => code !== "locks_taken");
}

const STARTED = ["apply_started"];

const CHECKS: readonly CommitCheck[] = [
  { name: "lint", state: "passed" },
  { name: "ci/build", state: "pending" },
  { name: "security scan", state: "failed" },
];

test.each([
  ["{tag_query: ''}", CHECKS, ["checks_not_passed"]],
  ["{tag_query: ''}", [], STARTED],
  ["{tag_query: ''}", CHECKS.slice(0, 1), STARTED],
  ["{tag_query: ''}", CHECKS.slice(0, 2), ["checks_not_passed"]],
  ["{tag_query: '', status_checks: {enabled: false}}", CHECKS, STARTED],
  ["{tag_query: '', status_checks: {ignore_matching: ['ci/build', '^security']}}", CHECKS, STARTED],
  ["{tag_query: '', status_checks: {ignore_matching: ['/^(ci|sec)/']}}", CHECKS, STARTED],
  ["{tag_query: '', status_checks: {ignore_matching: ['lint']}}", CHECKS, ["checks_not_passed"]],
  ["{tag_query: 'dir:elsewhere'}", [], ["no_requirement_matches"]],
] as const)("the requirement %s with the checks %j gives %j", (rule, checks, expected) => {
  const reasons = applied(rule, (world) => {
    world.checks = checks;
  });
  expect(codes(reasons)).toEqual(expected);
});

test("the refusal names which checks failed and which are not finished", () => {
  const reasons = applied("{tag_query: ''}", (world) => {
    world.checks = CHECKS;
  });
  expect(reasons).toContainEqual(
    expect.objectContaining({
      code: "checks_not_passed",
      dirspaces: ["net:default"],
      failed: ["security scan"],
      pending: ["ci/build"],
    }),
  );
});

test.each([
  ["conflicts are a refusal", "{tag_query: ''}", "conflict", ["merge_conflict"]],
  ["what is not known yet is no go-ahead", "{tag_query: ''}", "unknown", ["mergeability_unknown"]],
  [
    "switched off they do not count",
    "{tag_query: '', merge_conflicts: {enabled: false}}",
    "conflict",
    STARTED,
  ],
  [
    "nor does what is not known",
    "{tag_query: '', merge_conflicts: {enabled: false}}",
    "unknown",
    STARTED,
  ],
] as const)("merge_conflicts: %s", (_rule, rule, mergeable, expected) => {
  const reasons = applied(rule, (world) => {
    world.view = { ...world.view, mergeable };
  });
  expect(codes(reasons)).toEqual(expected);
});

const APPROVED = (keys: string) => `{tag_query: '', approved: {enabled: true, ${keys}}}`;

test.each([
  ["one approval by default", "", ["bob"], STARTED],
  ["the author's own does not count", "", ["ann"], ["not_approved"]],
  ["distinct people, each once", "any_of_count: 2", ["bob", "bob"], ["not_approved"]],
  [
    "a person who matches two terms is one",
    "any_of: ['user:bob', 'team:ops'], any_of_count: 2",
    ["bob"],
    ["not_approved"],
  ],
  [
    "two people are two",
    "any_of: ['user:bob', 'team:ops'], any_of_count: 2",
    ["bob", "cyd"],
    STARTED,
  ],
  ["a team of any_of", "any_of: ['team:ops']", ["cyd"], STARTED],
  ["nobody of the team", "any_of: ['team:ops']", ["dan"], ["not_approved"]],
  ["each of all_of", "all_of: ['team:ops', 'user:dan']", ["bob", "dan"], STARTED],
  ["one of all_of is missing", "all_of: ['team:ops', 'user:dan']", ["bob"], ["not_approved"]],
] as const)("approved: %s", (_rule, keys, approvals, expected) => {
  const reasons = applied(APPROVED(keys), (world) => {
    for (const login of ["bob", "cyd"]) world.teams.add(`ops:${login}`);
    for (const login of approvals) world.approve(login);
  });
  expect(codes(reasons)).toEqual(expected);
});

test("an approval by somebody whose team cannot be looked up does not count, and says why", () => {
  const [reason] = applied(APPROVED("any_of: ['team:ops']"), (world) => {
    world.hiddenTeams.add("ops");
    world.approve("cyd");
  });
  expect(reason).toMatchObject({
    code: "not_approved",
    unreadable: ["team ops cannot be looked up: may not look"],
  });
});

test("nobody's team is asked about while too few have approved", () => {
  let world: CoreWorld | undefined;
  applied(APPROVED("any_of: ['team:ops']"), (made) => {
    world = made;
  });
  expect(world?.asked.filter((one) => one.startsWith("team_member"))).toEqual([]);
});

test.each([
  ["what is outstanding is a refusal", ["cyd"], [], ["reviews_open"]],
  ["nothing outstanding passes", [], [], STARTED],
  ["an objection is outstanding", [], ["dan"], ["reviews_open"]],
] as const)("require_completed_reviews: %s", (_rule, waitingFor, objections, expected) => {
  const reasons = applied(APPROVED("require_completed_reviews: true"), (world) => {
    world.approve("bob");
    world.openReviews = waitingFor;
    const reviews = objections.map((login) => ({
      reviewer: person(login),
      verdict: "changes_requested" as const,
      commit: world.view.headSha,
    }));
    world.view = { ...world.view, reviews: [...world.view.reviews, ...reviews] };
  });
  expect(codes(reasons)).toEqual(expected);
});

test("drafts and what waits for the merge are refused, each only where the rule says so", () => {
  const draft = (world: CoreWorld) => {
    world.view = { ...world.view, draft: true };
  };
  expect(codes(applied("{tag_query: ''}", draft))).toEqual(["draft"]);
  expect(codes(applied("{tag_query: '', require_ready_for_review_pr: false}", draft))).toEqual(
    STARTED,
  );
  const afterMerge = "{tag_query: '', apply_after_merge: {enabled: true}}";
  expect(codes(applied(afterMerge, () => undefined))).toEqual(["merge_first"]);
});

test("everything that speaks against an apply is said at once", () => {
  const rule = "{tag_query: '', approved: {enabled: true}, apply_after_merge: {enabled: true}}";
  const reasons = applied(rule, (world) => {
    world.view = { ...world.view, draft: true };
    world.checks = CHECKS;
  });
  expect(new Set(codes(reasons))).toEqual(
    new Set(["merge_first", "draft", "not_approved", "checks_not_passed"]),
  );
});
