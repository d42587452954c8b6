import { expect, test } from "vitest";
import { isProgress, planText } from "./plan-text.ts";

const RULE = "─".repeat(77);

test("a plan's text begins after its progress and ends before where it was saved", () => {
  const stdout = `Acquiring state lock. This may take a few moments...
data.aws_ami.x: Reading...
data.aws_ami.x: Read complete after 1s [id=ami-1]
aws_instance.a: Refreshing state... [id=i-1]

Terraform will perform the following actions:

  # x.y: Reading is a word of a resource here

Plan: 1 to add, 0 to change, 0 to destroy.

${RULE}

Saved the plan to: /a/plan

To perform exactly these actions, run the following command to apply:
    terraform apply "/a/plan"
`;
  expect(planText(stdout)).toBe(`Terraform will perform the following actions:

  # x.y: Reading is a word of a resource here

Plan: 1 to add, 0 to change, 0 to destroy.`);
});

test("without changes the whole sentence is kept, and of nothing nothing", () => {
  expect(planText("No changes. Your infrastructure matches.\n")).toBe(
    "No changes. Your infrastructure matches.",
  );
  expect(planText("")).toBe("");
  expect(planText("a: Refreshing state...\n")).toBe("");
});

test("progress with an identifier waits, because it may be a secret", () => {
  expect(isProgress("a: Refreshing state... [id=i-1]\n")).toBe(false);
  expect(isProgress("data.x: Reading...\n")).toBe(true);
  expect(isProgress('  + password = "x"\n')).toBe(false);
});
