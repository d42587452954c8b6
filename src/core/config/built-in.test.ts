import { expect, test } from "vitest";
import { BUILT_IN } from "./built-in.ts";
import { completeConfig } from "./complete.ts";
import { DEFAULT_BRANCH_OVERRIDES } from "./merge.ts";
import type { RawConfig } from "./raw.ts";
import { configSchema, TOP_LEVEL_KEYS } from "./schema/root.ts";

/** Keys without a default: a place for anchors, and an older name of another key. */
const WITHOUT_DEFAULT = ["default_tf_version", "definitions"];

test("a file that writes every default down means the same as an empty one", () => {
  expect(completeConfig(BUILT_IN as RawConfig)).toEqual(completeConfig({}));
});

test("what is shown as defaults is a file of the language", () => {
  expect(configSchema.safeParse(BUILT_IN).error?.issues).toBeUndefined();
});

test("every top-level key has its default", () => {
  const missing = TOP_LEVEL_KEYS.filter((key) => !Object.hasOwn(BUILT_IN, key));
  expect(missing).toEqual(WITHOUT_DEFAULT);
});

test("S16 the default keys of the default branch are those that are taken from it", () => {
  expect(BUILT_IN["default_branch_overrides"]).toEqual(DEFAULT_BRANCH_OVERRIDES);
});
