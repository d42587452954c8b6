import { expect, test } from "vitest";
import { aView } from "../../test/support/comment-views.ts";
import type { StepReport } from "../core/run/report.ts";
import { hooks } from "./hooks.ts";

function aHook(more: Partial<StepReport> = {}): StepReport {
  return {
    step: "run",
    title: "./report",
    outcome: "succeeded",
    visibleOn: "failure",
    format: { type: "code" },
    text: "42 tests",
    exitCode: 0,
    durationMs: 5,
    ...more,
  };
}

const FAILED = aHook({ outcome: "failed", text: "no answer", exitCode: 1 });

test.each([
  ["nothing that is to be seen", [], [aHook()], []],
  ["a hook that is always shown", [aHook({ visibleOn: "always" })], [], ["Hooks of run 3<"]],
  ["a hook after the dirspaces that failed", [], [FAILED], ["Hooks of run 3: failed", "no answer"]],
  ["one before them that failed: each dirspace says so", [FAILED], [], []],
] as const)("the comment of a run with %s", (_name, pre, post, seen) => {
  const text = hooks(aView({ hooks: [{ number: 3, pre, post }] })).join("\n\n");
  if (seen.length === 0) expect(text).toBe("");
  for (const part of seen) expect(text).toContain(part);
});

test("the latest run with something to see is shown, and no other", () => {
  const always = (text: string) => aHook({ visibleOn: "always", text });
  const runs = [
    { number: 5, pre: [], post: [aHook()] },
    { number: 4, pre: [], post: [always("new")] },
    { number: 3, pre: [], post: [always("old")] },
  ];
  const text = hooks(aView({ hooks: runs })).join("\n\n");
  expect(text).toContain("run 4");
  expect(text).not.toContain("old");
});
