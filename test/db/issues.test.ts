import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EventId } from "../../src/core/ids.ts";
import type { LeftIssue } from "../../src/core/run/issue.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

const ISSUE: LeftIssue = {
  title: "Drift detected: net",
  body: "### `net` +0 ~1 ±0 −0",
  dedupe: "a".repeat(64),
  about: ["b".repeat(12)],
};
const HOOK = "hooks:\n  plan:\n    post: [{type: drift_create_issue}]\n";

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = ["net/main.tf"];
});

afterAll(() => lab.close());

beforeEach(() => {
  lab.vcs.config = HOOK;
  lab.vcs.issues.length = 0;
  lab.vcs.down = false;
});

test("issues that a run's job leaves are opened when it has ended, and once", async () => {
  const id = await lab.open(1, ["net/main.tf"]);
  const session = await lab.claim(1);
  await lab.engine.runner.finish(session, { failure: undefined, issues: [ISSUE] });
  // The same last words again, as after a lost answer, open nothing more.
  await lab.engine.runner.finish(session, { failure: undefined, issues: [ISSUE] });
  await lab.drain();
  expect(lab.vcs.issues).toEqual([ISSUE]);
  const found = await lab.ports.store.reported(id);
  expect(found?.snapshot.runs[0]?.issues).toBe(1);
});

test("S25 what a job left is opened though nobody heard its end from itself", async () => {
  const id = await lab.open(2, ["net/main.tf"]);
  const session = await lab.claim(2);
  const { run, attempt } = session;
  // The server died after it had stored the last words and before it told of them.
  await lab.ports.runners.finish(session, { failure: undefined, issues: [ISSUE] });
  await lab.ports.store.append(id, lab.ports.random.uuid() as EventId, {
    kind: "run_ended",
    runId: run.runId,
    attemptId: attempt,
    how: { kind: "ci_ended", conclusion: "success" },
  });
  await lab.drain();
  expect(lab.vcs.issues).toEqual([ISSUE]);
});

test("a job whose run was not configured to leave issues leaves none", async () => {
  lab.vcs.config = undefined;
  await lab.open(3, ["net/main.tf"]);
  const session = await lab.claim(3);
  await lab.engine.runner.finish(session, { failure: undefined, issues: [ISSUE] });
  await lab.drain();
  expect(lab.vcs.issues).toEqual([]);
});
