import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { FileReferences } from "./file-references.ts";
import { openParser } from "./parser.ts";
import { mayRefer, referencesOf, type Syntax, syntaxOf } from "./references-of.ts";

const parser = openParser();
afterAll(() => parser.close());

async function read(text: string, syntax: Syntax = "tf"): Promise<FileReferences> {
  const [found] = await referencesOf(parser, [{ name: "x", text, syntax }]);
  if (found === undefined) throw new Error("nothing came back");
  return found;
}

/** `place: path` of everything of one kind. */
async function list(kind: keyof FileReferences, text: string, syntax: Syntax = "tf") {
  const found = await read(text, syntax);
  expect(found.problem).toBeUndefined();
  return (found[kind] as FileReferences["reads"]).map(
    ({ from, path, pattern }) => `${from}: ${path}${pattern === undefined ? "" : ` ${pattern}`}`,
  );
}

test.each([
  ["main.tf", "tf"],
  ["main.tofu", "tf"],
  ["a/main.tf.json", "tf_json"],
  ["terragrunt.hcl", "terragrunt"],
  ["terragrunt.hcl.json", "terragrunt_json"],
  ["main.tfvars", undefined],
  ["main.json", undefined],
  [".tf.bak", undefined],
])("runner defect 21: %s is read as %s", (path, expected) => {
  expect(syntaxOf(path)).toBe(expected);
});

const call = (source: string) => `module "m" {\n  source = ${source}\n}\n`;

test.each([
  ['"./m"', ["file: ./m"]],
  ['"../../m"', ["file: ../../m"]],
  ['"../m/"', ["file: ../m/"]],
  ['"m"', []],
  ['"hashicorp/consul/aws"', []],
  ['"git::https://example.org/x.git//m?ref=v1"', []],
  ['"example.org/a/b//m"', []],
  ['"/abs/m"', []],
  ['"../${var.name}"', []],
  ["var.source", []],
  ['"../\\u006d"', ["file: ../m"]],
])("a module with the source %s is found as %j", async (source, expected) => {
  expect(await list("modules", call(source))).toEqual(expected);
});

const local = (expression: string) => `locals {\n  x = ${expression}\n}\n`;

test.each([
  ['file("a.txt")', ["root: a.txt"]],
  ['file("${path.module}/a.txt")', ["file: /a.txt"]],
  ['file("${path.root}/../a.txt")', ["root: /../a.txt"]],
  ['templatefile("${path.module}/t.tftpl", { a = file("b") })', ["file: /t.tftpl", "root: b"]],
  ['"text ${filebase64("a")} and ${filesha256("b")}"', ["root: a", "root: b"]],
  ['true ? file("a") : file("b")', ["root: a", "root: b"]],
  ['[for f in ["a"] : file(f)]', []],
  ['{ (file("k")) = "${file("v")}" }', ["root: k", "root: v"]],
  ['fileset("${path.module}/p", "**/*.json")', ["file: /p **/*.json"]],
  ['file("${path.module}a.txt")', []],
  ['file("${var.dir}/a.txt")', []],
  ['file("/etc/passwd")', []],
  ['"$${file(\\"a\\")}"', []],
  ['provider::x::file("a")', []],
  ["local.file", []],
  ['"%{ if true }${file("a")}%{ endif }"', ["root: a"]],
  ['jsonencode(<<-EOT\n    x ${file("a")} "\n    EOT\n  )', ["root: a"]],
  ['<<EOT\n${file("a")} $${file("b")}\nEOT\n', ["root: a"]],
  ['file( # why\n "a")', ["root: a"]],
  ['yamldecode(file("a")).b["${file("c")}"]', ["root: a", "root: c"]],
])("of %s these are read: %j", async (expression, expected) => {
  expect((await list("reads", local(expression))).toSorted()).toEqual(expected);
});

test("JSON is read as the blocks are", async () => {
  const text = JSON.stringify({
    module: { a: { source: "../m" }, b: [{ source: "./n" }], c: { source: "remote" } },
    locals: { x: '${file("${path.module}/a")}' },
  });
  expect(await list("modules", text, "tf_json")).toEqual(["file: ../m", "file: ./n"]);
  expect(await list("reads", text, "tf_json")).toEqual(["file: /a"]);
});

const UNIT = `
include "root" {
  path = find_in_parent_folders("root.hcl")
}
include "env" {
  path = "\${dirname(find_in_parent_folders("root.hcl"))}/_env/app.hcl"
}
terraform {
  source = "\${get_repo_root()}/modules//app"
  extra_arguments "values" {
    commands           = ["plan"]
    required_var_files = ["\${get_parent_terragrunt_dir()}/common.tfvars"]
    optional_var_files = ["\${get_terragrunt_dir()}/own.tfvars", "\${local.x}.tfvars"]
  }
}
dependency "vpc" {
  config_path = "../vpc"
}
dependencies {
  paths = ["../a", "../b"]
}
locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl"), {})
}
`;

test("a configuration of Terragrunt says what it includes, reads, runs and waits for", async () => {
  const of = (kind: keyof FileReferences) => list(kind, UNIT, "terragrunt");
  expect(await of("includes")).toEqual(
    ["above:root.hcl: /_env/app.hcl", "above:root.hcl: root.hcl"].toSorted((a, b) =>
      a.includes("_env") ? -1 : b.includes("_env") ? 1 : 0,
    ),
  );
  expect(await of("modules")).toEqual(["repository: /modules//app"]);
  expect(await of("reads")).toEqual(["parent: /common.tfvars", "root: /own.tfvars"]);
  expect(await of("dependencies")).toEqual(["root: ../vpc", "root: ../a", "root: ../b"]);
  expect(await of("configs")).toEqual(["above:env.hcl: env.hcl"]);
});

test.each([
  [
    "include {\n  path = find_in_parent_folders()\n}",
    "includes",
    "above:terragrunt.hcl: terragrunt.hcl",
  ],
  ['include {\n  path = "../root.hcl"\n}', "includes", "file: ../root.hcl"],
  ['terraform {\n  source = "../modules//app"\n}', "modules", "root: ../modules//app"],
] as const)("%s", async (text, kind, expected) => {
  expect(await list(kind, text, "terragrunt")).toEqual([expected]);
});

test.each([
  ['terraform {\n  source = "tfr:///terraform-aws-modules/vpc/aws?version=3.5.0"\n}'],
  ['terraform {\n  source = "git::ssh://git@example.org/m.git//vpc?ref=v1"\n}'],
  ['terraform {\n  source = "${local.base}//vpc"\n}'],
])("%s is not in the repository", async (text) => {
  expect(await list("modules", text, "terragrunt")).toEqual([]);
});

test.each([
  ["an open block", 'module "x" {', "x:1,12-13: Unclosed configuration block"],
  ["an open string", 'module "x" {\n  source = "../a\n}', "x:2,17-3,1: Invalid multi-line string"],
  ["too many brackets", `module "x" {\n y = ${"(".repeat(500)}1${")".repeat(500)}\n}`, "brackets"],
  ["a long file", `# ${"x".repeat(600_000)}\n`, "longer than 256 KiB"],
])("%s is a problem", async (_what, text, expected) => {
  expect((await read(text)).problem).toContain(expected);
});

test("JSON that is broken is a problem", async () => {
  expect((await read("{", "tf_json")).problem).toContain("JSON");
});

test("names that every object has are names like any other", async () => {
  const text = '{"module": {"__proto__": {"source": "../a"}, "constructor": {"source": "../b"}}}';
  expect(await list("modules", text, "tf_json")).toEqual(["file: ../a", "file: ../b"]);
});

test("a file that nothing is read from needs no parser", () => {
  expect(mayRefer('resource "x" "y" {\n  a = module.z.id\n  b = path.module\n}', "tf")).toBe(false);
  expect(mayRefer('profile = "file"', "tf")).toBe(false);
  expect(mayRefer('module m {\n  source = "../x"\n}', "tf")).toBe(true);
  expect(mayRefer('x = file ("y")', "tf")).toBe(true);
});

const literal = fc.stringMatching(/^[a-z]{1,6}\.[a-z]{1,3}$/);
/** An expression, and the files that it reads. */
const { expression } = fc.letrec<{ expression: readonly [string, readonly string[]] }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: "expression" },
    literal.map((name) => [`file("${name}")`, [name]] as const),
    fc
      .constantFrom("var.x", "1", '"plain"', '"$${x}"', '"a \\" b"', "true")
      .map((text) => [text, []] as const),
    tie("expression").map(([text, reads]) => [`"<\${${text}}>"`, reads] as const),
    tie("expression").map(([text, reads]) => [`upper(${text})`, reads] as const),
    tie("expression").map(([text, reads]) => [`(${text})`, reads] as const),
    fc
      .tuple(tie("expression"), tie("expression"))
      .map(([a, b]) => [`[${a[0]}, ${b[0]}]`, [...a[1], ...b[1]]] as const),
    fc
      .tuple(literal, tie("expression"))
      .map(
        ([name, [text, reads]]) =>
          [
            `templatefile("\${path.module}/${name}", { v = ${text} })`,
            [`/${name}`, ...reads],
          ] as const,
      ),
    tie("expression").map(
      ([text, reads]) => [`trimspace(<<-EOT\n  } " \${${text}}\nEOT\n)`, reads] as const,
    ),
  ),
}));

test("every literal path in any expression is found, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(expression, { minLength: 1, maxLength: 5 }), async (expressions) => {
      const text = `locals {\n${expressions.map(([one], at) => `  x${at} = ${one}\n`).join("")}}\n`;
      const found = await read(text);
      expect(found.problem).toBeUndefined();
      const expected = new Set(expressions.flatMap(([, reads]) => reads));
      expect(found.reads.map(({ path }) => path).toSorted()).toEqual([...expected].toSorted());
    }),
    { numRuns: 200, seed: 3 },
  );
});

const SEEDS = [
  call('"../m"') + local('templatefile("${path.module}/t", { a = "${file("b")}" })'),
  local('<<EOT\n%{ for x in fileset("z", "*") }${x}%{ endfor }\nEOT\n'),
  UNIT,
];
const PIECES = [
  "{",
  "}",
  "(",
  ")",
  '"',
  "${",
  "%{",
  "<<EOT\n",
  "\\",
  "/*",
  "\n",
  "\0",
  "\ud800",
  "é",
  "file(",
  "module ",
];

test("mutated code is read or is a problem, and nothing hangs or breaks", async () => {
  const mutation = fc.tuple(fc.nat(), fc.nat({ max: 6 }), fc.constantFrom(...PIECES, ""));
  const mutant = fc
    .tuple(fc.constantFrom(...SEEDS), fc.array(mutation, { minLength: 1, maxLength: 8 }))
    .map(([seed, mutations]) =>
      mutations.reduce((text, [at, length, piece]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + piece + text.slice(from + length);
      }, seed),
    );
  const files = fc
    .sample(mutant, { numRuns: 1_000, seed: 17 })
    .flatMap((text) =>
      (["tf", "terragrunt", "tf_json"] as const).map((syntax) => ({ name: "x", text, syntax })),
    );
  const found = await referencesOf(parser, files);
  expect(found).toHaveLength(files.length);
  const broken = found.filter(({ problem }) => problem !== undefined).length;
  expect(broken).toBeGreaterThan(1_000);
  expect(broken).toBeLessThan(files.length);
  expect(found.some(({ problem }) => /longer|ended|failed/.test(problem ?? ""))).toBe(false);
});

test("strings that no parser has seen end quickly, however deep or open they are", async () => {
  const hostile = [
    "${".repeat(100_000),
    '${"'.repeat(50_000),
    "${file(".repeat(30_000),
    "${<<A\n".repeat(30_000),
    `\${${"/*/".repeat(80_000)}`,
    `\${${"dirname(".repeat(50_000)}`,
    `\${${"file(file(".repeat(10)}${"x,".repeat(100_000)}`,
    "%{".repeat(100_000),
  ];
  for (const text of hostile) {
    const began = performance.now();
    await read(JSON.stringify({ locals: { x: text } }), "tf_json");
    // Generous, because a quadratic reading takes minutes.
    expect(performance.now() - began).toBeLessThan(5_000);
  }
});
