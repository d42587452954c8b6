import { expect, test } from "vitest";
import { effectiveConfig } from "../../core/config/effective.ts";
import { discover, starterConfig } from "./discover.ts";

const NO_INDEX = { directories: [], symlinks: [], problems: [] };

test.each([
  ["terraform", ["a/main.tf", "b/main.tf.json", "README.md"], ["a", "b"]],
  ["tofu", ["a/main.tofu", "main.tf"], [".", "a"]],
  ["terragrunt", ["terragrunt.hcl", "live/a/terragrunt.hcl", "modules/x/main.tf"], ["live/a"]],
] as const)("%s: roots are found", (engine, files, roots) => {
  expect(discover(files, NO_INDEX)).toEqual({ engine, roots });
});

test("a directory that another one calls as a module is no root", () => {
  const index = {
    ...NO_INDEX,
    directories: [{ dir: "app", references: [{ kind: "module" as const, dir: "modules/x" }] }],
  };
  expect(discover(["app/main.tf", "modules/x/main.tf"], index).roots).toEqual(["app"]);
});

test.each([
  [{ roots: [], engine: "terraform" }, "terraform"],
  [{ roots: ["a", "evil\nenabled: false"], engine: "tofu" }, "tofu"],
  [{ roots: Array.from({ length: 80 }, (_, n) => `d${n}`), engine: "terragrunt" }, "terragrunt"],
] as const)("the configuration to begin with is one without errors: %#", (found, engine) => {
  const text = starterConfig(found);
  const file = { source: "repository", file: ".terrane/config.yml", text } as const;
  expect(effectiveConfig([file], "as_written")).toMatchObject({
    kind: "ok",
    warnings: [],
    config: { enabled: true, indexer: { enabled: true }, engine: { name: engine } },
  });
});
