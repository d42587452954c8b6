import { expect, test } from "vitest";
import { AssertionError, assert, present } from "./assert.ts";

test("an invariant that holds changes nothing", () => {
  expect(() => assert(true, "S2: fences only grow")).not.toThrow();
});

test("a broken invariant is an exception that names the rule", () => {
  expect(() => assert(false, "S2: fences only grow")).toThrow(
    new AssertionError("S2: fences only grow"),
  );
});

test.each([0, "", false])("%j is present", (value) => {
  expect(present(value, "always there")).toBe(value);
});

test.each([undefined, null])("%j is not present", (value) => {
  expect(() => present(value, "the run has an attempt")).toThrow("the run has an attempt");
});
