import { expect, test } from "vitest";
import type { ResourceAction, UnitReport } from "../../core/run/report.ts";
import { destructiveOf, plannedWith } from "./plan-facts.ts";

function planned(...actions: readonly ResourceAction[]): UnitReport {
  return {
    outcome: "planned",
    changed: true,
    planDigest: undefined,
    counts: undefined,
    changes: actions.map((action, n) => ({ address: `x.${n}`, action, replacePaths: ["ami"] })),
    text: "",
  };
}

test("of the changes of a plan those that destroy something are told, with what forces them", () => {
  const found = destructiveOf(planned("create", "replace", "update", "delete", "forget"));
  expect(found).toEqual({
    total: 2,
    changes: [
      { address: "x.1", action: "replace", replacePaths: ["ami"] },
      { address: "x.3", action: "delete", replacePaths: ["ami"] },
    ],
  });
});

test("nothing is told where nothing is destroyed, and of what is no plan", () => {
  expect(destructiveOf(planned("create", "move"))).toBeUndefined();
  expect(destructiveOf({ outcome: "not_started", because: "late" })).toBeUndefined();
  expect(destructiveOf(undefined)).toBeUndefined();
});

test("a plan that destroys very much says how much", () => {
  const found = destructiveOf(planned(...Array.from({ length: 5_000 }, () => "delete" as const)));
  expect(found?.total).toBe(5_000);
  expect(found?.changes).toHaveLength(200);
});

test("what a plan was made with leaves out what has no version", () => {
  const aws = { source: "registry.terraform.io/hashicorp/aws", version: "5.80.0" };
  const builtin = { source: "terraform.io/builtin/terraform", version: null };
  const facts = { modules: [], inputs: {}, tool: "terraform 1.11.4", providers: [builtin, aws] };
  expect(plannedWith(facts)).toEqual({ tool: "terraform 1.11.4", providers: [aws] });
  expect(plannedWith({ ...facts, tool: null, providers: [builtin] })).toBeUndefined();
  expect(plannedWith(undefined)).toBeUndefined();
});
