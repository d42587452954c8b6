import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runStep } from "./run-step.ts";
import type { Step } from "./steps.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A step whose commands are scripts for the shell, which is the shortest program there is. */
function step(scripts: readonly string[], more: Partial<Step> = {}): Step {
  const commands = scripts.map((script) => ["sh", "-c", script]);
  return { name: `try-${process.pid}`, title: "", commands, minutesMax: 1, ...more };
}

const write = (counts: string): string => `echo '${counts}' > "$TEST_COUNTS"`;

test.each<readonly [string, Step, object]>([
  ["all of its commands succeed", step(["true", "true"]), { state: "passed" }],
  ["one of its commands fails", step(["echo why; false", "true"]), { state: "failed" }],
  [
    "its program does not exist",
    step([], { commands: [["no-such-program"]] }),
    { state: "failed" },
  ],
  [
    "its tests pass",
    step([write('{"passed":2,"failed":0,"skipped":1}')], { tests: true }),
    { state: "passed", counts: { passed: 2, failed: 0, skipped: 1 } },
  ],
  [
    "a test fails although the program says it is well",
    step([write('{"passed":2,"failed":1,"skipped":0}')], { tests: true }),
    { state: "failed", counts: { passed: 2, failed: 1, skipped: 0 } },
  ],
  [
    "every test passes although the program says it is not well",
    step([`${write('{"passed":2,"failed":0,"skipped":0}')}; false`], { tests: true }),
    { state: "failed" },
  ],
  ["its tests end without a result", step(["true"], { tests: true }), { state: "failed" }],
  [
    "there are no tests",
    step([write('{"passed":0,"failed":0,"skipped":0}')], { tests: true }),
    { state: "left_out" },
  ],
])("a step has this result when %s", async (_case, planned, result) => {
  expect(await runStep(planned)).toMatchObject(result);
});

test("what a failed command said is kept, from both of its outputs", async () => {
  const result = await runStep(step(["echo first; echo second >&2; false"]));
  expect(result).toMatchObject({ output: expect.stringMatching(/first[\s\S]*second/) });
});

test("a step that takes too long is stopped together with what it started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "step-"));
  folders.push(folder);
  const late = join(folder, "late");
  const result = await runStep(
    step([`(sleep 1; touch ${late}) & sleep 30`], { minutesMax: 0.2 / 60 }),
  );
  expect(result).toMatchObject({ state: "failed", output: expect.stringContaining("Stopped") });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(existsSync(late)).toBe(false);
});
