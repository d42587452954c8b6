import { expect, test } from "vitest";
import { branchRefusal } from "./destination-branch.ts";

const any = (branch: string) => ({ branch, sourceBranches: ["*"] });
const from = (...sourceBranches: string[]) => [{ branch: "main", sourceBranches }];

/** Entries, source branch, destination branch, answer. */
test.each([
  ["no entries allow the default branch only", [], "x", "main", true],
  ["no entries allow the default branch only", [], "x", "dev", false],
  ["an entry is for its branch", [any("dev")], "x", "dev", true],
  ["an entry is for its branch", [any("dev")], "x", "main", false],
  ["a star is any run, slashes too", [any("release/*")], "x", "release/1/2", true],
  ["a star is any run", [any("r*e*/1*")], "x", "release/12", true],
  ["a star is any run", [any("a*a")], "x", "a", false],
  ["case does not count", [any("MAIN")], "x", "main", true],
  ["a source must match", from("feature/*"), "feature/a", "main", true],
  ["a source must match", from("feature/*"), "fix/a", "main", false],
  ["an exception excludes", from("*", "!wip/*"), "wip/a", "main", false],
  ["exceptions alone allow the rest", from("!wip/*"), "fix/a", "main", true],
  ["exceptions alone exclude", from("!wip/*"), "wip/a", "main", false],
  ["the first entry decides", [...from("a"), any("*")], "b", "main", false],
])("%s: %j from %s to %s is %s", (_rule, entries, headRef, baseRef, expected) => {
  const refusal = branchRefusal(entries, { headRef, baseRef, defaultBranch: "main" });
  expect(refusal === undefined).toBe(expected);
});

test("a refusal says whether the destination or the source is the one that does not fit", () => {
  const branches = { headRef: "fix/a", baseRef: "main", defaultBranch: "main" };
  expect(branchRefusal([any("dev")], branches)).toEqual({
    code: "base_not_configured",
    base: "main",
    configured: ["dev"],
  });
  expect(branchRefusal(from("feature/*"), branches)).toEqual({
    code: "source_not_configured",
    base: "main",
    head: "fix/a",
    sources: ["feature/*"],
  });
});
