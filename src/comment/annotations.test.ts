import fc from "fast-check";
import { expect, test } from "vitest";
import { aReport, aView } from "../../test/support/comment-views.ts";
import type { Diagnostic } from "../core/config/diagnostic.ts";
import { annotationsOf } from "./annotations.ts";

const FRAMED = `Initializing the backend...
╷
│ Error: Unsupported argument
│ 
│   on main.tf line 12, in resource "terraform_data" "a":
│   12:   inputs = 1
│ 
│ An argument named "inputs" is not expected here. Did you mean "input"?
╵
╷
│ Error: Missing required argument
│ 
│   on ../modules/vpc/main.tf line 3, in variable "cidr":
│    3: variable "cidr" {
╵`;

function failed(dir: string, tail: string) {
  const failure = { step: "plan", message: "", tail, exitCode: 1, signal: null };
  return aReport(dir, { phase: "plan_failed", failure });
}

function diagnostic(parts: Partial<Diagnostic>): Diagnostic {
  const at = { file: ".terrane/config.yml", line: 4, column: 2, path: "dirs" };
  return { severity: "error", code: "unknown_key", message: "no such key", ...at, ...parts };
}

test("what a tool says of a line stands at that line, of a module too", () => {
  expect(annotationsOf(aView({ dirspaces: [failed("prod/net", FRAMED)] }))).toEqual(
    [
      {
        path: "prod/net/main.tf",
        line: 12,
        level: "failure",
        title: "prod/net: Unsupported argument",
        message:
          '  12:   inputs = 1\n\nAn argument named "inputs" is not expected here. Did you mean "input"?',
      },
      {
        path: "prod/modules/vpc/main.tf",
        line: 3,
        level: "failure",
        title: "prod/net: Missing required argument",
        message: '   3: variable "cidr" {',
      },
    ].map((one) => ({ ...one, message: one.message.trim() })),
  );
});

test("without a frame it is the same, and the summary stands for what is not said", () => {
  const tail = "Error: Invalid block\n\n  on a.tf line 1:\n";
  expect(annotationsOf(aView({ dirspaces: [failed(".", tail)] }))).toEqual([
    {
      path: "a.tf",
      line: 1,
      level: "failure",
      title: ".: Invalid block",
      message: "Invalid block",
    },
  ]);
});

test.each([
  ["no place", "Error: no credentials\n\nlog in first\n"],
  ["a place far away", `Error: a\n${"\n".repeat(9)}  on a.tf line 1:\n`],
  ["an absolute file", "Error: a\n  on /etc/a.tf line 1:\n"],
  ["a file outside of the repository", "Error: a\n  on ../../a.tf line 1:\n"],
  ["line 0", "Error: a\n  on a.tf line 0:\n"],
])("with %s nothing is annotated", (_what, tail) => {
  expect(annotationsOf(aView({ dirspaces: [failed("net", tail)] }))).toEqual([]);
});

test("what is planned again carries nothing of what failed before", () => {
  const before = { ...failed("net", FRAMED), phase: "planning" } as const;
  expect(annotationsOf(aView({ dirspaces: [before] }))).toEqual([]);
});

test("findings about the configuration stand at their lines, those of other repositories nowhere", () => {
  const diagnostics = [
    diagnostic({ suggestion: "tags" }),
    diagnostic({ severity: "warning", line: 9 }),
    diagnostic({ file: "acme/terrane: defaults.yml" }),
  ];
  expect(
    annotationsOf(aView({ diagnostics })).map(({ line, level, message }) => [line, level, message]),
  ).toEqual([
    [4, "failure", "no such key Use `tags` instead."],
    [9, "warning", "no such key"],
  ]);
});

test("there are no more than one call carries", () => {
  const dirspaces = Array.from({ length: 40 }, (_, n) => failed(`d${n}`, FRAMED));
  expect(annotationsOf(aView({ dirspaces }))).toHaveLength(50);
});

test("whatever a tool prints, places are inside of the repository and lines count from 1", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "Error: a",
      "│ Error: b",
      "  on a.tf line 3:",
      "│ on ../../x line 2, in y:",
      "",
    ),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      for (const one of annotationsOf(aView({ dirspaces: [failed("a/b", lines.join("\n"))] }))) {
        expect(one.path.split("/")).not.toContain("..");
        expect(one.line).toBeGreaterThan(0);
        expect(one.message).not.toBe("");
      }
    }),
  );
});
