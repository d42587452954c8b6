import fc from "fast-check";
import { expect, test } from "vitest";
import { expandArgv, expandEnv } from "./template.ts";

const ENV = { A: "one", B_2: "$A", EMPTY: "" };

test.each([
  ["$A", "one"],
  ["${A}s", "ones"],
  ["<$EMPTY>", "<>"],
  ["$$A", "$A"],
  ["$$$A", "$one"],
  ["$B_2", "$A"],
  ["$(date) $1 $# ${A:-x} $", "$(date) $1 $# ${A:-x} $"],
  ["{print $1}", "{print $1}"],
])("%s becomes %s", (argument, expected) => {
  expect(expandArgv([argument], ENV)).toEqual({ kind: "ok", argv: [expected] });
});

test.each([["$NOT"], ["${NOT}"], ["$toString"], ["$__proto__"]])(
  "%s names a variable that is not there",
  (argument) => {
    expect(expandArgv(["$A", argument], ENV).kind).toBe("missing");
  },
);

test("a value is never expanded again, so that a secret with a dollar stays as it is", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(expandArgv(["$X"], { X: value })).toEqual({ kind: "ok", argv: [value] });
    }),
  );
});

test("variables of a step are templates over the environment before it", () => {
  expect(expandEnv({ C: "<$A>", A: "two" }, ENV)).toEqual({
    kind: "ok",
    env: { ...ENV, C: "<one>", A: "two" },
  });
  expect(expandEnv({ C: "$NOT" }, ENV)).toEqual({ kind: "missing", name: "NOT" });
});
