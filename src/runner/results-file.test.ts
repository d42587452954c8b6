import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StepReport } from "../contract/step.ts";
import type { UnitResult } from "../contract/work.ts";
import { resultsFile } from "./results-file.ts";

const PAGE = join(import.meta.dirname, "../../docs/reference/hooks.md");

/** The example under the heading about the results. */
function documented(): unknown {
  const [, section = ""] = readFileSync(PAGE, "utf8").split("\n## The results\n");
  return JSON.parse(/```json\n([^]*?)\n```/.exec(section)?.[1] ?? "");
}

const PLAN: StepReport = {
  step: "plan",
  title: "",
  outcome: "succeeded",
  visibleOn: "always",
  format: { type: "code" },
  text: "",
  exitCode: null,
  durationMs: 1,
};

const PLANNED: UnitResult = {
  outcome: "planned",
  changed: true,
  planDigest: "d".repeat(64),
  counts: {
    create: 1,
    update: 0,
    replace: 0,
    delete: 0,
    import: 0,
    move: 0,
    forget: 0,
    outputs: 0,
  },
  text: "…",
  changes: [],
  steps: [PLAN],
};

test("runner defect 28: the file that hooks read looks as its documentation says", () => {
  const unit = { dir: "network", workspace: "default" };
  const results = [{ unit, result: PLANNED }];
  expect(resultsFile({ units: [], results, pre: [], succeeded: true })).toEqual(documented());
});
