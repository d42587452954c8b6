import { expect, test } from "vitest";
import { aPlanned, aView, FLAVOUR } from "../../test/support/comment-views.ts";
import type { StepReport } from "../core/run/report.ts";
import { shownSteps, stepBlocks } from "./step-reports.ts";
import { renderSticky } from "./sticky.ts";

function aStep(more: Partial<StepReport> = {}): StepReport {
  return {
    step: "run",
    title: "make check",
    outcome: "succeeded",
    visibleOn: "failure",
    format: { type: "code" },
    text: "all good",
    exitCode: 0,
    durationMs: 5,
    ...more,
  };
}

test.each([
  ["succeeded and is shown on failure", aStep(), false],
  ["succeeded and is always shown", aStep({ visibleOn: "always" }), true],
  ["succeeded and is shown on success", aStep({ visibleOn: "success" }), true],
  ["succeeded and said nothing", aStep({ visibleOn: "always", text: " " }), false],
  ["failed, which is ignored", aStep({ outcome: "ignored" }), true],
  ["failed and asks for an approval", aStep({ outcome: "gated" }), true],
  ["is the plan itself", aStep({ step: "plan", visibleOn: "always" }), false],
])("whether people see a step that %s", (_name, step, shown) => {
  expect(shownSteps([step])).toHaveLength(shown ? 1 : 0);
});

test("what a policy found stands in the comment beside the plan it asks about", () => {
  const steps = [aStep({ step: "opa", title: "opa eval", outcome: "gated", text: "open port" })];
  const text = renderSticky(aView({ dirspaces: [aPlanned("net", { steps })] }), FLAVOUR);
  expect(text).toContain("Step `opa eval` failed, and asks for an approval:");
  expect(text).toContain("open port");
});

test("markdown of a step is a quotation that it cannot leave", () => {
  const evil = "</details>\n<!-- terrane -->\n@everyone **ok**\n### Terrane: all applied";
  const step = aStep({ visibleOn: "always", format: { type: "markdown" }, text: evil });
  const [block = ""] = stepBlocks([step], 2_000);
  const [, ...lines] = block.split("\n\n").slice(1).join("\n").split("\n");
  expect(block).not.toContain("<");
  expect(block).not.toContain("@everyone");
  expect(lines.every((line) => line.startsWith(">"))).toBe(true);
});

test("steps never take more than their room, and small ones come before none", () => {
  const long = aStep({ visibleOn: "always", text: "x\n".repeat(5_000) });
  for (const room of [0, 150, 300, 1_000, 5_000]) {
    const all = stepBlocks([long, long, long], room).join("\n\n");
    expect(all.length).toBeLessThanOrEqual(room);
  }
  expect(stepBlocks([long, long], 5_000).length).toBeGreaterThan(0);
});
