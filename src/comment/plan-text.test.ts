import { expect, test } from "vitest";
import { PLAN_TEXT } from "../../test/support/comment-views.ts";
import { orderPlan, signsFirst } from "./plan-text.ts";

test("what is destroyed comes first, then what is replaced, and the preamble goes", () => {
  const headers = orderPlan(PLAN_TEXT)
    .split("\n")
    .filter((line) => line.startsWith("  # t"));
  expect(headers).toEqual([
    "  # terraform_data.old will be destroyed",
    "  # terraform_data.db must be replaced",
    "  # terraform_data.app will be created",
  ]);
  expect(orderPlan(PLAN_TEXT)).not.toContain("Terraform used");
  expect(orderPlan(PLAN_TEXT).trimEnd()).toMatch(/Plan: 2 to add, 0 to change, 2 to destroy\.$/);
});

test.each([
  ["      + id = 1", "+       id = 1"],
  ["      - id = 1", "-       id = 1"],
  ["      ~ id = 1", "!       id = 1"],
  ["-/+ resource", "-/+ resource"],
  ["  -1", "  -1"],
])("the line %j becomes %j", (line, shown) => {
  expect(signsFirst(line)).toBe(shown);
});

test.each(["", "No changes.", "  - not a plan", "Plan: 1 to add"])(
  "%j is no plan and stays",
  (text) => {
    expect(orderPlan(text)).toBe(text);
  },
);

test("no line of a plan is lost from the first resource on", () => {
  const from = PLAN_TEXT.slice(PLAN_TEXT.indexOf("  # terraform_data.app"));
  const letters = (text: string) => [...text.replaceAll(/ /g, "")].toSorted().join("");
  expect(letters(orderPlan(PLAN_TEXT))).toBe(letters(from));
});
