import fc from "fast-check";
import { expect, test } from "vitest";
import { existingAdvice, isOfExistingRunner } from "./gitlab-existing.ts";

const HEADER = `spec:
  inputs:
    TERRATEAM_TRIGGER: { default: "$TERRATEAM_TRIGGER" }
    WORK_TOKEN:
      default: "$WORK_TOKEN"
    "API_BASE_URL":
      default: "$API_BASE_URL"
`;

test.each([
  ["as its template has it", `${HEADER}---\nstages: [infrastructure]\n`, true],
  ["with a document mark before it", `---\n${HEADER}---\nstages: []\n`, true],
  ["with comments before it", `# ours\n---\n# and more\n${HEADER}---\nstages: []\n`, true],
  ["with Windows ends of lines", `${HEADER}---\nstages: []\n`.replaceAll("\n", "\r\n"), true],
  ["without a body", HEADER, false],
  ["without the token", `${HEADER.replace("WORK_TOKEN:", "OTHER:")}---\nstages: []\n`, false],
  ["with the token commented out", `${HEADER.replace("  WORK", "# WORK")}---\na: []\n`, false],
  ["with the inputs in the body", `spec:\n  inputs: {}\n---\n${HEADER}`, false],
  [
    "of the native runner",
    "spec:\n  inputs:\n    attempt:\n      default: none\n---\na: []\n",
    false,
  ],
  ["of nobody", "test:\n  script: [test]\n", false],
  ["empty", "", false],
])("a CI file %s is known for what it is", (_what, text, is) => {
  expect(isOfExistingRunner(text)).toBe(is);
});

test("any text is answered, and long ones soon", () => {
  const piece = fc.constantFrom("---\n", "spec:\n", "  WORK_TOKEN", ":", " ", "\n", "\t", "#", "x");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      expect(isOfExistingRunner(pieces.join(""))).toBeTypeOf("boolean");
    }),
  );
  expect(isOfExistingRunner(`spec:\n${" ".repeat(1_000_000)}`)).toBe(false);
  expect(isOfExistingRunner(`spec:\n${"---\n\n".repeat(200_000)}`)).toBe(false);
  expect(isOfExistingRunner(`spec:\n  ${"W".repeat(1_000_000)}\n---\na: 1`)).toBe(false);
});

test.each([
  ["Reference not found", /change is gone/],
  ["unknown input arguments: WORK_TOKEN", /take the inputs .*WORK_TOKEN/],
  ["Missing CI config file", /merge main into it/],
  ["Insufficient permissions", /^$/],
])("what GitLab refuses with %s is said with what to do", (message, advice) => {
  expect(existingAdvice(message, "change", "main")).toMatch(advice);
});
