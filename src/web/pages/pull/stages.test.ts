import { expect, test } from "vitest";
import { dirspace, HEAD, OLD_HEAD } from "../../../../test/support/api-stand-in-make.ts";
import { mainPull } from "../../../../test/support/api-stand-in-pull.ts";
import type { PhaseView, PullRequestDetail } from "../../../contract/views.ts";
import { stagesOf } from "./stages.ts";

function stages(phases: readonly PhaseView[], some: Partial<PullRequestDetail> = {}) {
  const dirspaces = phases.map((phase, at) => dirspace(`d${at}`, { phase }));
  const words = stagesOf({ ...mainPull([]), local: null, settled: true, ...some, dirspaces });
  return words.map(({ name, state, text }) => `${name} ${state}: ${text}`);
}

test.each<[readonly PhaseView[], string, string]>([
  [[], "Plan done: Nothing affected", "Apply done: Nothing to apply"],
  [["planning", "planned"], "Plan active: 1 of 2 planned", "Apply todo: 2 to apply"],
  [["plan_failed", "planned"], "Plan failed: 1 failed", "Apply todo: 2 to apply"],
  [["stale", "unchanged"], "Plan blocked: 1 out of date", "Apply todo: 1 to apply"],
  [["unplanned"], "Plan todo: 1 not planned", "Apply todo: 1 to apply"],
  [["unchanged"], "Plan done: 0 changed, 1 unchanged", "Apply done: Nothing to apply"],
  [
    ["applied", "waiting"],
    "Plan done: 1 changed, 0 unchanged, 1 waiting",
    "Apply todo: 1 of 2 applied",
  ],
  [["applying", "planned"], "Plan done: 2 changed, 0 unchanged", "Apply active: 0 of 2 applied"],
  [["apply_failed"], "Plan done: 1 changed, 0 unchanged", "Apply failed: 1 failed"],
  [["unknown"], "Plan done: 1 changed, 0 unchanged", "Apply failed: 1 unknown"],
  [["applied", "applied"], "Plan done: 2 changed, 0 unchanged", "Apply done: All 2 applied"],
])("dirspaces that are %j show %s and %s", (phases, plan, apply) => {
  expect(stages(phases)).toEqual([plan, apply, "Merge todo: Into main"]);
});

test("before anything is decided, nothing is called unaffected", () => {
  expect(stages([], { settled: false }).slice(0, 2)).toEqual([
    "Plan active: Working out what it affects",
    "Apply todo: After the plan",
  ]);
});

test("an approval of an older commit does not count", () => {
  const { local } = mainPull([]);
  const review = (commit: string) => ({
    kind: "review" as const,
    id: "r",
    author: "grace",
    verdict: "approved" as const,
    commit,
    at: "2026-03-01T14:05:00Z",
  });
  const withReview = (commit: string) =>
    stages(["planned"], { local: local && { ...local, conversation: [review(commit)] } })[1];
  expect(withReview(OLD_HEAD)).toBe("Review todo: Approved an older commit");
  expect(withReview(HEAD)).toBe("Review done: 1 approval");
});

test.each<[Partial<PullRequestDetail>, string]>([
  [{ state: "merged" }, "Merge done: Into main"],
  [{ state: "closed" }, "Merge blocked: Closed"],
  [{ draft: true }, "Merge blocked: Still a draft"],
])("a pull request that is %j shows %s", (some, merge) => {
  expect(stages(["planned"], some).at(-1)).toBe(merge);
});
