import { expect, test } from "vitest";
import { type Discovered, discover } from "./discover.ts";
import { filesToRead } from "./files-to-read.ts";

type Files = Readonly<Record<string, string>>;

const found = (files: Files): Discovered =>
  discover(Object.keys(files), new Map(Object.entries(files)));
const rootsOf = (files: Files) =>
  found(files).roots.map(({ dir, because }) => `${dir}: ${because}`);

const S3 = 'terraform {\n  backend "s3" {}\n}\n';
const AWS = 'provider "aws" {}\n';
const PLAIN = 'resource "terraform_data" "x" {}\n';
const call = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;

test.each<[string, Files, readonly string[]]>([
  ["a backend makes a root", { "a/main.tf": S3 }, ["a: backend"]],
  ["a service for states does", { "a/main.tf": "terraform { cloud {} }" }, ["a: backend"]],
  ["a configured provider does", { "a/main.tf": AWS }, ["a: provider"]],
  [
    "code that nothing calls is one",
    { "a/main.tf": PLAIN, "main.tf": PLAIN },
    [".: not_called", "a: not_called"],
  ],
  [
    "code that is called is none",
    { "a/main.tf": call("../b"), "b/main.tf": PLAIN },
    ["a: not_called"],
  ],
  [
    "code that is called is none, with a backend too",
    { "a/main.tf": call("../b"), "b/main.tf": S3 },
    ["a: not_called"],
  ],
  [
    "a call out of the repository is none of ours",
    { "a/main.tf": call("../../b"), "b/main.tf": PLAIN },
    ["a: not_called", "b: not_called"],
  ],
  [
    "a call of the registry is none of ours",
    { "a/main.tf": call("b"), "a/b/main.tf": PLAIN },
    ["a: not_called", "a/b: not_called"],
  ],
  [
    "a module that nothing calls is left out",
    { "a/main.tf": S3, "modules/b/main.tf": PLAIN },
    ["a: backend"],
  ],
  ["a module with a backend is a root", { "modules/b/main.tf": S3 }, ["modules/b: backend"]],
  ["an example is left out", { "examples/a/main.tf": AWS, "main.tf": AWS }, [".: provider"]],
  [
    "JSON is code",
    { "a/main.tf.json": '{"terraform":{"backend":{"gcs":{}}}}', "b/x.tofu.json": "{" },
    ["a: backend", "b: not_called"],
  ],
  [
    "units are roots, what they run and include is none",
    {
      "terragrunt.hcl": 'remote_state { backend = "s3" }',
      "live/a/terragrunt.hcl":
        'include { path = find_in_parent_folders() }\nterraform { source = "../../modules//x" }',
      "live/b/terragrunt.hcl": 'terraform { source = "${get_repo_root()}/modules//y" }',
      "modules/x/main.tf": PLAIN,
      "modules/y/main.tf": PLAIN,
      "code/z/main.tf": PLAIN,
    },
    ["live/a: unit", "live/b: unit"],
  ],
  ["what tools fetched is no code", { "a/.terraform/modules/x/main.tf": S3 }, []],
  [
    "a name that is no directory is left alone",
    { "a\\b/main.tf": S3, "ok/main.tf": S3 },
    ["ok: backend"],
  ],
])("%s", (_rule, files, expected) => {
  expect(rootsOf(files)).toEqual(expected);
});

test("of a root it is told what it uses", () => {
  const files = {
    "app/main.tf": `terraform {\n  backend "s3" {}\n  required_providers {\n    random = { source = "hashicorp/random" }\n  }\n}\n${AWS}${call("../modules/x")}locals { name = terraform.workspace }\n`,
    "app/dev.tfvars": "",
    "app/prod.tfvars": "",
    "app/terraform.tfvars": "",
    "app/all.auto.tfvars": "",
    "modules/x/main.tf": PLAIN,
  };
  expect(found(files).roots).toEqual([
    {
      dir: "app",
      because: "backend",
      backend: "s3",
      providers: ["aws"],
      modules: ["modules/x"],
      workspaces: ["dev", "prod"],
      valuesIn: "",
      asksForWorkspace: true,
    },
  ]);
});

test("a module that has a backend is told, because the backend counts for nothing", () => {
  const files = { "a/main.tf": call("../b"), "b/main.tf": S3 };
  expect(found(files).backendsOfModules).toEqual(["b"]);
});

test.each([
  ["terraform", ["a/main.tf"]],
  ["tofu", ["a/main.tofu"]],
  ["tofu", ["a/main.tf", ".opentofu-version"]],
  ["terragrunt", ["a/terragrunt.hcl", "b/main.tf"]],
] as const)("%s is the engine of %j", (engine, paths) => {
  expect(discover(paths, new Map()).engine).toBe(engine);
});

test("of directories that were not read a name is all that is known, and the count is told", () => {
  const { roots, leftOut, read, all } = discover(["a/main.tf", "modules/b/main.tf"], new Map());
  expect(roots.map(({ dir, because }) => [dir, because])).toEqual([["a", "not_read"]]);
  expect(leftOut).toEqual([{ dir: "modules/b", because: "module" }]);
  expect([read, all]).toEqual([0, 2]);
});

test("what tells most is read first, and of every directory one file before of any a second", () => {
  const paths = ["a/x.tf", "a/main.tf", "a/backend.tf", "b/x.tf", "b/y.tf", "README.md"];
  const { read, all } = filesToRead(paths, { filesMax: 4 });
  expect(read).toEqual(["a/backend.tf", "b/x.tf", "a/main.tf", "b/y.tf"]);
  expect(all).toBe(5);
});
