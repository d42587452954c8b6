import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MUTANTS } from "./all.ts";
import { occurrences } from "./mutant.ts";

const ROOT = join(import.meta.dirname, "../../..");

test("there are at least 30 mutants, each with a name of its own", () => {
  expect(new Set(MUTANTS.map((mutant) => mutant.name)).size).toBe(MUTANTS.length);
  expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
});

test.each(MUTANTS)("mutant $name: every edit fits one place and changes it", ({ edits }) => {
  for (const edit of edits) {
    expect(occurrences(readFileSync(join(ROOT, edit.file), "utf8"), edit)).toBe(1);
    expect(edit.replace).not.toBe(edit.find);
  }
});
