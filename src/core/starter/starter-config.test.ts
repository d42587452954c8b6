import fc from "fast-check";
import { expect, test } from "vitest";
import { changeSet } from "../change/change-set.ts";
import type { RepositoryIndex } from "../change/repository-index.ts";
import { effectiveConfig } from "../config/effective.ts";
import { codeFacts, dirOf } from "./code-facts.ts";
import { type Discovered, discover } from "./discover.ts";
import { isCodeFile } from "./files-to-read.ts";
import { cutMessage, starterConfig } from "./starter-config.ts";

const BRANCHES = { branch: "feature", destBranch: "main" };

function configOf(found: Discovered) {
  const text = starterConfig(found);
  const file = { source: "repository", file: ".terrane/config.yml", text } as const;
  const effective = effectiveConfig([file], "as_written");
  if (effective.kind === "error")
    throw new Error(`${JSON.stringify(effective.diagnostics)}\n${text}`);
  expect(effective.warnings).toEqual([]);
  return effective.config;
}

/** As a job reads it; only the calls that the scene has. */
function indexOf(files: ReadonlyMap<string, string>): RepositoryIndex {
  const directories = [...files]
    .filter(([path]) => isCodeFile(path))
    .map(([path, text]) => ({
      dir: dirOf(path),
      references: codeFacts(path, text).modules.map((dir) => ({ kind: "module" as const, dir })),
    }));
  return { directories, symlinks: [], problems: [] };
}

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("a", "prod", "dev", "live", "modules", "examples", "b c", "x"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "*",
      "[x]",
      "{a,b}",
      "!",
      "#",
      "- x",
      "é",
      "'",
      '"',
      ": ",
      "${DIR}",
      "\u2028",
      "true",
      "~",
    ),
  },
);
const dir = fc
  .array(segment, { maxLength: 4 })
  .map((parts) => (parts.length === 0 ? "" : `${parts.join("/")}/`));
const code = fc.constantFrom(
  'terraform {\n backend "s3" {}\n}',
  'provider "aws" {}',
  'resource "x" "y" {}',
  'module "m" {\n source = "../modules"\n}',
  'module "m" {\n source = "./x"\n}',
  "locals { x = terraform.workspace }",
  "}{",
);
const entry = fc.oneof(
  fc.tuple(dir, fc.constantFrom("main.tf", "b.tf", "c.tofu", "main.tf.json"), code),
  fc.tuple(dir, fc.constantFrom("dev.tfvars", "prod.tfvars", "README.md"), fc.constant("")),
);
const repository = fc
  .array(entry, { maxLength: 12 })
  .map((all) => new Map(all.map(([where, name, text]) => [`${where}${name}`, text])));

test("whatever a repository holds, its configuration is one without a finding and finds the roots, and no other", () => {
  fc.assert(
    fc.property(repository, (files) => {
      const paths = [...files.keys()];
      const found = discover(paths, files);
      const config = configOf(found);
      const changes = paths.map((path) => ({ kind: "modified" as const, path }));
      const set = changeSet(config, { files: paths, index: indexOf(files) }, changes, BRANCHES);
      // Whether two names are one directory on some machine is not for this to say.
      fc.pre(set.kind === "ok");
      const planned = set.kind === "ok" ? set.dirspaces : [];
      expect(new Set(planned.map(({ dirspace }) => dirspace.dir as string))).toEqual(
        new Set(found.roots.map((root) => root.dir)),
      );
    }),
    { numRuns: 300 },
  );
});

test("every decision in it says why it stands there", () => {
  const files = new Map([
    ["app/main.tf", 'terraform {\n backend "s3" {}\n}\nlocals { x = terraform.workspace }\n'],
    ["app/dev.tfvars", ""],
    ["app/production.tfvars", ""],
    ["envs/prod/main.tf", 'provider "aws" {}\nmodule "m" { source = "../../modules/net" }'],
    ["modules/net/main.tf", ""],
    ["modules/unused/main.tf", ""],
    ["examples/one/main.tf", ""],
    ["site/main.tofu", ""],
    ["site/one.tfvars", ""],
    ["site/two.tfvars", ""],
  ]);
  expect(starterConfig(discover([...files.keys()], files))).toMatchSnapshot();
});

test.each([
  [0, "No directory with code was found yet"],
  [80, "#   and 30 more"],
])("of %i roots some are named and the others counted", (count, words) => {
  const paths = Array.from({ length: count }, (_, n) => `d${n}/main.tf`);
  const found = discover(paths, new Map());
  configOf(found);
  expect(starterConfig(found)).toContain(words);
});

test("names of others cannot say anything in it", () => {
  const text = 'terraform {\n backend "s3\u2028enabled: false" {}\n}';
  const found = discover(["a/main.tf"], new Map([["a/main.tf", text]]));
  expect(configOf(found).enabled).toBe(true);
});

test("what was not read is told, with what reads more", () => {
  expect(cutMessage({ read: 3, all: 3 })).toBeUndefined();
  expect(cutMessage({ read: 400, all: 1_930 })).toBe(
    "400 of 1930 files with code were read, backends and providers first. `terrane setup` in a checkout reads more of them.",
  );
  expect(starterConfig(discover(["a/main.tf"], new Map()))).toContain("# 0 of 1 files");
});
