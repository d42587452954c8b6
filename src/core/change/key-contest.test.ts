import fc from "fast-check";
import { expect, test } from "vitest";
import { completeConfig } from "../config/complete.ts";
import { derive } from "./derive.ts";
import { keyContest } from "./key-contest.ts";

const BRANCHES = { branch: "", destBranch: "" };
const join = (parts: readonly string[]) => parts.join("/");
const name = fc.constantFrom("m.tf", "n.tf");
const path = fc
  .tuple(fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }), name)
  .map(([dirs, file]) => join([...dirs, file]));
const key = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "*", "**", "?", "{a,b}", "."), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.option(fc.oneof(name, fc.constant("*.tf")), { nil: undefined }),
  )
  .map(([parts, file]) => join(file === undefined ? parts : [...parts, file]));

test("the first of the contest is the key that the derivation takes", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 6 }),
      fc.uniqueArray(path, { minLength: 1, maxLength: 8 }),
      (keys, files) => {
        // A key leaves its tag on what it configures, and everything in the tree matches.
        const dirs = keys.map((one, index) => [one, { tags: [String(index)] }]);
        const config = completeConfig({
          when_modified: { file_patterns: ["**"] },
          dirs: Object.fromEntries(dirs),
        });
        for (const { dirspace, rule } of derive(config, { files }, BRANCHES).dirspaces) {
          const { dir } = dirspace;
          const own = files.filter((file) => (file.match(/^(.*)\/[^/]*$/)?.[1] ?? ".") === dir);
          const [first] = keyContest(config, dir, own);
          expect(rule.tags).toEqual(first === undefined ? [] : [String(first.index)]);
        }
      },
    ),
  );
});

test.each([
  ["apps/web", [], ["apps/web", "./apps/web/", "apps/{web,x}", "apps/*"]],
  [
    "apps/web",
    ["apps/web/main.tf"],
    ["apps/web", "./apps/web/", "apps/web/main.tf", "apps/{web,x}", "**/*.tf", "apps/*"],
  ],
  ["net", [], []],
  [".", ["main.tf"], ["**/*.tf"]],
])("of %s with the files %j the keys are %j, best first", (dir, files, expected) => {
  const keys = ["apps/*", "apps/web", "**/*.tf", "./apps/web/", "apps/{web,x}", "apps/web/main.tf"];
  const config = completeConfig({ dirs: Object.fromEntries(keys.map((one) => [one, {}])) });
  expect(keyContest(config, dir, files).map((one) => one.key)).toEqual(expected);
});
