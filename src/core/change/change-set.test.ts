import { expect, test } from "vitest";
import { dirsOf, modified, ok, pick, run } from "../../../test/support/change.ts";

const DIRS_CONFIG = `
when_modified:
  autoapply: true
  autoplan: false
  file_patterns: ["\${DIR}/*.tf", "\${DIR}/*.tfvars", "\${DIR}/*.json"]
dirs:
  iam: {when_modified: {file_patterns: ["iam/*.tf"]}}
  ebl: {when_modified: {file_patterns: ["ebl/*.tf", "ebl_modules"]}}
  ec2: {when_modified: {file_patterns: ["iam/*.tf"]}}
  s3: {tags: [s3]}
  lambda: {when_modified: {autoplan: true}}
  module: {when_modified: {file_patterns: []}}
  null_file_patterns: {when_modified: {file_patterns: null}}
`;
const DIRS_TREE = ["iam", "ec2", "ebl", "s3", "lambda", "module", "null_file_patterns"].map(
  (dir) => `${dir}/foo.tf`,
);
const BAD_DIRS = `
dirs:
  iam: {when_modified: {file_patterns: ["iam/*.tf"]}}
  ebl: {when_modified: {file_patterns: ["ebl/*.tf"]}}
  ec2: {when_modified: {file_patterns: ["*.tf"]}}
  s3: {when_modified: {file_patterns: ["**/*.tf"]}}
`;
const BAD_TREE = ["iam", "ebl", "ec2", "s3"].map((dir) => `${dir}/foo.tf`);
const HCL = `
dirs:
  _template/*: {when_modified: {file_patterns: []}}
  aws/**/terragrunt.hcl:
    when_modified: {file_patterns: ["_templates/**/*.tf", "\${DIR}/*.hcl"]}
`;
const HCL_TREE = [
  "_template/aws/terragrunt.hcl",
  "aws/prod/us-east-1/terragrunt.hcl",
  "aws/prod/us-west-1/terragrunt.hcl",
  "aws/dev/us-east-1/terragrunt.hcl",
];
const SECRETS = `${HCL}
  aws/**/secrets-manager/**/terragrunt.hcl:
    tags: [secrets]
    when_modified: {file_patterns: ["_templates/**/*.tf", "\${DIR}/*.hcl"]}
`;
const EC2 = ["ec2/ec2.tf"];
const many = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(index));

/** Number in the language reference §3.4, configuration, tree, changed files, dirspaces. */
const VECTORS: readonly (readonly [string, string, string[], string[], string[]])[] = [
  ["1", "", EC2, EC2, ["ec2"]],
  ["2", "", ["ec2/ec2.tf", "s3/s3.tf"], ["ec2/ec2.tf", "s3/s3.tf"], ["ec2", "s3"]],
  [
    "3",
    'dirs: {iam: {when_modified: {file_patterns: ["ec2/*.tf"]}}, s3: {tags: [s3]}}',
    ["ec2/ec2.tf", "s3/s3.tf", "iam/iam.tf"],
    EC2,
    ["ec2", "iam"],
  ],
  ["4", DIRS_CONFIG, DIRS_TREE, ["iam/foo.tf"], ["ec2", "iam"]],
  ["5", DIRS_CONFIG, [...DIRS_TREE, "ebl/ebl.tf"], ["ebl/new.tf"], ["ebl"]],
  ["6", DIRS_CONFIG, [...DIRS_TREE, "ebl_modules"], ["ebl_modules"], ["ebl"]],
  ["7", DIRS_CONFIG, [...DIRS_TREE, "ebl_modules"], ["ebl_modules", "ebl/foo.tf"], ["ebl"]],
  ["8", DIRS_CONFIG, DIRS_TREE, ["s3/foo.tf"], ["s3"]],
  ["9", DIRS_CONFIG, DIRS_TREE, ["lambda/foo.json"], ["lambda"]],
  ["10", DIRS_CONFIG, DIRS_TREE, ["module/foo.tf"], []],
  ["11", DIRS_CONFIG, DIRS_TREE, ["null_file_patterns/foo.tf"], ["null_file_patterns"]],
  ["12", HCL, HCL_TREE, ["_template/aws/terragrunt.hcl"], []],
  ["13", HCL, HCL_TREE, ["aws/prod/us-east-1/terragrunt.hcl"], ["aws/prod/us-east-1"]],
  [
    "14",
    SECRETS,
    [...HCL_TREE, "aws/prod/secrets-manager/us-east-1/terragrunt.hcl"],
    ["aws/prod/us-east-1/terragrunt.hcl", "aws/prod/secrets-manager/us-east-1/terragrunt.hcl"],
    ["aws/prod/secrets-manager/us-east-1", "aws/prod/us-east-1"],
  ],
  ["15", BAD_DIRS, BAD_TREE, ["iam/foo.tf"], ["iam", "s3"]],
  ["16", BAD_DIRS, BAD_TREE, ["ec2/foo.tf"], ["s3"]],
  ["17", BAD_DIRS, [...BAD_TREE, "foo.tf"], ["foo.tf"], [".", "ec2", "s3"]],
  ["18", BAD_DIRS, BAD_TREE, ["s3/foo.tf"], ["s3"]],
  [
    "19",
    'dirs: {module: {when_modified: {file_patterns: []}}, .: {when_modified: {file_patterns: ["./*.tf", "module/**/*.tf"]}}}',
    ["foo.tf", "module/foo/tf.tf"],
    ["module/foo.tf"],
    ["."],
  ],
  [
    "20",
    "",
    [...many(4000, (n) => `d${n}/x.txt`), ...EC2],
    [...many(4000, (n) => `d${n}/x.txt`), ...EC2],
    ["ec2"],
  ],
  // Different on purpose (§14 no. 7): the empty global list is inherited by a key that says nothing.
  [
    "22",
    'when_modified: {file_patterns: []}\ndirs: {"**/terraform/**": {}}',
    many(70, (n) => `a${n}/terraform/x.tf`),
    many(70, (n) => `a${n}/terraform/x.tf`),
    [],
  ],
  ["24", 'when_modified: {file_patterns: ["**/*.tf", "!ec2/**/*.tf"]}', EC2, EC2, []],
  ["25", 'when_modified: {file_patterns: ["**/*.tf", "!ec2/**/*.tf", "!foo/*.tf"]}', EC2, EC2, []],
  [
    "26",
    'dirs: {d/bar/foo: {when_modified: {file_patterns: []}}, "d/**/*.tf": {when_modified: {file_patterns: ["${DIR}/../foo/*.tf", "${DIR}/*.tf"]}}}',
    ["d/bar/foo/t.tf", "d/bar/baz/t.tf"],
    ["d/bar/foo/t.tf"],
    ["d/bar/baz"],
  ],
  [
    "27",
    'dirs: {d/bar/foo: {when_modified: {file_patterns: []}}, "d/**/*.tf": {when_modified: {file_patterns: ["${DIR}/../../foo/*.tf", "${DIR}/*.tf"]}}}',
    ["d/bar/foo/t.tf", "d/bar/envs/baz/t.tf"],
    ["d/bar/foo/t.tf"],
    ["d/bar/envs/baz"],
  ],
  [
    "33",
    'dirs: {"projects/**": {when_modified: {file_patterns: []}}, "projects/**/file1": {tags: [dir1], when_modified: {file_patterns: ["${DIR}/*"]}}}',
    ["projects/dir1/file1", "projects/dir1/file2"],
    ["projects/dir1/file1", "projects/dir1/file2"],
    ["projects/dir1"],
  ],
];

test.each(VECTORS)("vector %s of §3.4", (_number, config, files, changed, expected) => {
  expect(dirsOf(run(config, files, modified(changed)))).toEqual(expected);
});

test("vector 2 of §3.4: a query picks one of two", () => {
  const files = ["ec2/ec2.tf", "s3/s3.tf"];
  expect(pick(run("", files, modified(files)), "dir:ec2")).toEqual(["ec2"]);
});

test("vectors 4, 9 and 11 of §3.4: flags are inherited one by one", () => {
  const flags = (path: string) =>
    ok(run(DIRS_CONFIG, DIRS_TREE, modified([path]))).map((one) => [one.autoplan, one.autoapply]);
  expect(flags("iam/foo.tf")).toEqual([
    [false, true],
    [false, true],
  ]);
  expect(flags("lambda/foo.json")).toEqual([[true, true]]);
  expect(flags("null_file_patterns/foo.tf")).toEqual([[false, true]]);
});

test("vector 14 of §3.4: a tag of the longer glob picks its directory", () => {
  const files = [
    "aws/prod/us-east-1/terragrunt.hcl",
    "aws/prod/secrets-manager/us-east-1/terragrunt.hcl",
  ];
  const set = run(SECRETS, files, modified(files));
  expect(pick(set, "secrets")).toEqual(["aws/prod/secrets-manager/us-east-1"]);
});

test("vector 21 of §3.4: a thousand directories are a thousand dirspaces", () => {
  const files = [...many(999 * 9, (n) => `d${n % 999}/f${n}.tf`), ...EC2];
  expect(ok(run("", files, modified(files)))).toHaveLength(1000);
});

test("vector 23 of §3.4: a global pattern that names a directory makes every directory a dirspace", () => {
  const files = [...many(1000, (n) => `d${n}/x.tf`), ...EC2, "foo/bar.txt"];
  const config = 'when_modified: {file_patterns: ["**/*.bar", "foo/*.txt"]}';
  expect(ok(run(config, files, modified(files)))).toHaveLength(1002);
});

test("vector 33 of §3.4: the longest glob gives its tags", () => {
  const [, config, files, changed] = VECTORS.at(-1) ?? ["", "", [], [], []];
  expect(ok(run(config, files, modified(changed)))[0]?.tags).toEqual([
    "dir1",
    "dir:projects/dir1",
    "stack_name:default",
    "workspace:default",
  ]);
});

test.each([
  ["61", 'workflows: [{tag_query: "workspace:default"}]', 0],
  ["62", "dirs: {ec2: {tags: [ec2]}}\nworkflows: [{tag_query: ec2}]", 0],
  ["", 'workflows: [{tag_query: other}, {tag_query: ""}]', 1],
  ["", "workflows: [{tag_query: other}]", undefined],
])("vector %s of §4.5: the first workflow that matches is taken", (_number, config, index) => {
  expect(ok(run(config, EC2, modified(EC2)))[0]?.workflow.index).toBe(index);
});
