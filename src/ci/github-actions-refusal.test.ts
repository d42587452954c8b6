import { expect, test } from "vitest";
import { advised } from "./github-actions-refusal.ts";

const ASKED = { workflow: "terrane.yml", ref: "main" };

test.each([
  ['Unexpected inputs provided: ["environment"]', "does not know the input environment. Bring it"],
  ["Required input 'team' not provided", "wants the input team"],
  ["Workflow does not have 'workflow_dispatch' trigger", "has no workflow_dispatch"],
  ["Cannot trigger a 'workflow_dispatch' on a disabled workflow", "gh workflow enable terrane.yml"],
  ["Actions has been disabled for this repository.", "Switch it on in the settings"],
  ["No ref found for: main", "There is no branch main any more"],
  ["Repository was archived so is read-only.", "Take it out of the archive"],
  ["Resource not accessible by integration", "Give it the permission Actions: write"],
])(
  "L35 a start that is refused with %j says what to do, and keeps GitHub's words",
  (said, advice) => {
    const told = advised({ kind: "rejected", message: said }, ASKED);
    expect(told).toMatchObject({ kind: "rejected" });
    expect("message" in told ? told.message : "").toContain(advice);
    expect("message" in told ? told.message : "").toContain(said);
  },
);

test.each([
  { kind: "rejected", message: "Something new." },
  { kind: "unavailable", message: "Repository was archived", retryAfterMs: undefined },
  { kind: "started", ciRun: "1", url: undefined },
] as const)("%j stays as it is", (start) => {
  expect(advised(start, ASKED)).toEqual(start);
});
