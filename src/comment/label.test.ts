import { expect, test } from "vitest";
import { aCount, aReport, aView } from "../../test/support/comment-views.ts";
import type { Phase } from "../core/phase.ts";
import { labelOf } from "./label.ts";

const DESTROYS = { phase: "planned", counts: aCount({ delete: 1 }) } as const;
const REPLACES = { phase: "planned", counts: aCount({ replace: 1 }) } as const;
const CREATES = { phase: "planned", counts: aCount({ create: 1 }) } as const;

test.each<[string, readonly Parameters<typeof aReport>[1][], string | undefined]>([
  ["nothing is touched", [], undefined],
  ["it is planned", [CREATES], "terrane: to apply"],
  ["something is destroyed", [CREATES, DESTROYS], "terrane: destroys"],
  ["something is replaced", [REPLACES], "terrane: destroys"],
  ["a plan failed", [DESTROYS, { phase: "plan_failed" }], "terrane: failed"],
  ["an apply failed", [{ phase: "apply_failed" }, { phase: "applied" }], "terrane: failed"],
  ["what destroyed is applied", [{ ...DESTROYS, phase: "applied" }], "terrane: applied"],
  ["a part is applied", [CREATES, { phase: "applied" }], "terrane: to apply"],
  ["the next layer waits", [{ phase: "applied" }, { phase: "waiting" }], undefined],
  ["nothing changes", [{ phase: "unchanged" }], "terrane: no changes"],
  ["a part changed nothing", [{ phase: "unchanged" }, { phase: "applied" }], "terrane: applied"],
])("where %s", (_what, reports, expected) => {
  const dirspaces = reports.map((parts, n) => aReport(`d${n}`, parts));
  expect(labelOf(aView({ dirspaces }))).toBe(expected);
});

test.each<Phase>(["planning", "applying", "unknown", "unplanned", "stale"])(
  "while one is %s the label stays as it is",
  (phase) => {
    expect(labelOf(aView({ dirspaces: [aReport("a", CREATES), aReport("b", { phase })] }))).toBe(
      undefined,
    );
  },
);
