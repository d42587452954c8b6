import { expect, test } from "vitest";
import { BRANCHES, configOf } from "../../../test/support/change.ts";
import { formatPath } from "../config/places.ts";
import { derive } from "./derive.ts";
import { findUnused } from "./unused.ts";

const FILES = [
  "README.md",
  "app/main.tf",
  "app/sub/x.hcl",
  "db/main.tf",
  "docs/a.md",
  "live/prod/main.tf",
  "modules/net/main.tf",
];

function unused(yaml: string, files = FILES): string[] {
  const derived = derive(configOf(yaml), { files }, BRANCHES);
  return findUnused(derived).map(({ path }) => formatPath(path));
}

/** The rule, the configuration, what is reported. */
const TABLE: readonly (readonly [string, string, string[]])[] = [
  ["an empty file says nothing in vain", "", []],
  [
    "a key that names a directory or a file is used",
    "dirs: {app: {}, db/main.tf: {}, './live/prod/': {}}",
    [],
  ],
  ["a key that names nothing", "dirs: {ap: {}}", ["dirs.ap"]],
  ["a glob that matches a directory or a file is used", "dirs: {'live/*': {}, '**/*.tf': {}}", []],
  ["a glob that matches nothing", "dirs: {'life/**': {}}", ['dirs["life/**"]']],
  [
    "a glob that loses against a longer one is used",
    "dirs: {'live/**': {}, 'live/pro[d]/**': {}}",
    [],
  ],
  [
    "a glob on directories without any file of theirs",
    "dirs: {'docs/**': {tags: [x]}}",
    ['dirs["docs/**"]'],
  ],
  ["a glob that hides directories", "dirs: {'docs/**': {when_modified: {file_patterns: []}}}", []],
  ["a directory that is made later", "dirs: {generated: {create_if_missing: true}}", []],
  [
    "a global pattern that no directory has",
    "when_modified: {file_patterns: ['*.tf', '*.tff']}",
    ["when_modified.file_patterns[1]"],
  ],
  [
    "customary patterns are no mistake",
    "when_modified: {file_patterns: ['**/*.tf', '**/*.tfvars', '${DIR}/*.tf.json']}",
    [],
  ],
  [
    "exceptions are no mistake",
    "when_modified: {file_patterns: ['**/*.tf', '!**/nothing/**']}",
    [],
  ],
  [
    "a pattern of a directory",
    "dirs: {app: {when_modified: {file_patterns: ['${DIR}/*.tf', 'module/**', 'modules/**']}}}",
    ["dirs.app.when_modified.file_patterns[1]"],
  ],
  [
    "a pattern of a workspace",
    "dirs: {app: {workspaces: {w: {when_modified: {file_patterns: ['${DIR}/*.tf', '${DIR}/${WORKSPACE}.vars']}}}}}",
    ["dirs.app.workspaces.w.when_modified.file_patterns[1]"],
  ],
  [
    "a pattern that looks below",
    "dirs: {app: {when_modified: {file_patterns: ['${DIR}/**/*.hcl', '${DIR}/sub/*.x']}}}",
    ["dirs.app.when_modified.file_patterns[1]"],
  ],
  [
    "a pattern that looks beside",
    "dirs: {app: {when_modified: {file_patterns: ['${DIR}/../db/*.tf', '${DIR}/../dc/*.tf']}}}",
    ["dirs.app.when_modified.file_patterns[1]"],
  ],
  [
    "a pattern that looks out of the repository",
    "dirs: {app: {when_modified: {file_patterns: ['${DIR}/*.tf', '${DIR}/../../x']}}}",
    ["dirs.app.when_modified.file_patterns[1]"],
  ],
  [
    "a pattern that one of many directories needs",
    "when_modified: {file_patterns: ['${DIR}/*.tf', '${DIR}/sub/*']}",
    [],
  ],
  [
    "a query with a tag that nothing has",
    "workflows: [{tag_query: prod}]",
    ["workflows[0].tag_query"],
  ],
  [
    "a query with a directory that is not there",
    "workflows: [{tag_query: 'dir:app'}, {tag_query: 'dir:ap'}, {tag_query: 'life in dir'}]",
    ["workflows[1].tag_query", "workflows[2].tag_query"],
  ],
  [
    "tags that no directory has together",
    "dirs: {app: {tags: [a]}, db: {tags: [b]}}\nworkflows: [{tag_query: 'a b'}, {tag_query: 'a or b'}]",
    ["workflows[0].tag_query"],
  ],
  [
    "a query with `not`",
    "workflows: [{tag_query: 'not prod'}, {tag_query: 'not (workspace:default)'}]",
    ["workflows[1].tag_query"],
  ],
  [
    "tags of branches depend on the pull request",
    "tags: {branch: {f: '^f'}, dest_branch: {m: main}}\nworkflows: [{tag_query: 'branch:f'}, {tag_query: 'not dest_branch:m'}, {tag_query: 'branch:g'}]",
    ["workflows[2].tag_query"],
  ],
  [
    "tags of stacks depend on stacks",
    "stacks: {names: {s: {tag_query: 'dir:app'}}}\nworkflows: [{tag_query: 'stack_name:s'}, {tag_query: 'stack_name:default'}, {tag_query: 'stack_name:t'}]",
    ["workflows[2].tag_query"],
  ],
  [
    "an entry after one that takes everything",
    "notifications: {policies: [{tag_query: ''}, {tag_query: 'dir:app'}]}",
    ["notifications.policies[1].tag_query"],
  ],
  [
    "an entry after the same query",
    "workflows: [{tag_query: 'dir:app and app in dir'}, {tag_query: '(dir:app  app in dir)'}]",
    ["workflows[1].tag_query"],
  ],
  [
    "every list of queries is looked at",
    `
access_control: {policies: [{tag_query: x}]}
apply_requirements: {checks: [{tag_query: x}, {tag_query: ''}]}
notifications: {policies: [{tag_query: x}]}
stacks: {names: {s: {tag_query: x}}}
drift: {enabled: true, schedules: {n: {schedule: daily, tag_query: x}}}
when_modified: {depends_on: x}
dirs: {app: {when_modified: {depends_on: 'dir:db'}, workspaces: {w: {when_modified: {depends_on: {tag_query: y}}}}}}
`,
    [
      "access_control.policies[0].tag_query",
      "apply_requirements.checks[0].tag_query",
      "notifications.policies[0].tag_query",
      "stacks.names.s.tag_query",
      "drift.schedules.n.tag_query",
      "when_modified.depends_on",
      "dirs.app.workspaces.w.when_modified.depends_on",
      "access_control.policies",
    ],
  ],
  ["a file beside the directory that it lies in", "dirs: {app: {}, app/main.tf: {}}", []],
  ["a directory twice", "dirs: {app: {}, ./app: {}, app/: {}}", []],
  ["two files of one directory", "dirs: {app/main.tf: {}, ./app//main.tf: {}}", []],
  [
    "a file that is not there beside its directory",
    "dirs: {app: {}, app/mian.tf: {}}",
    ['dirs["app/mian.tf"]'],
  ],
  [
    "only exceptions, everywhere",
    "when_modified: {file_patterns: ['!**/x.tf']}",
    ["when_modified.file_patterns"],
  ],
  [
    "only exceptions, for a directory and for a glob",
    "dirs: {app: {when_modified: {file_patterns: ['!a', '!b']}}, 'live/*': {when_modified: {file_patterns: ['!*.md']}}}",
    ["dirs.app.when_modified.file_patterns", 'dirs["live/*"].when_modified.file_patterns'],
  ],
  [
    "only exceptions, for a workspace and for a stack",
    "dirs: {app: {workspaces: {w: {when_modified: {file_patterns: ['!a']}}, v: {}}}, db: {stacks: {s: {when_modified: {file_patterns: ['!a']}}}}}",
    [
      "dirs.app.workspaces.w.when_modified.file_patterns",
      "dirs.db.stacks.s.when_modified.file_patterns",
    ],
  ],
  [
    "no patterns at all",
    "when_modified: {file_patterns: []}\ndirs: {app: {tags: [x]}}",
    ["when_modified.file_patterns"],
  ],
  [
    "no patterns but those of a directory or a workspace",
    "when_modified: {file_patterns: []}\ndirs: {app: {workspaces: {w: {when_modified: {file_patterns: ['${DIR}/*.tf']}}}}}",
    [],
  ],
  [
    "a query that is read from the directory",
    "dirs: {app: {when_modified: {depends_on: 'relative_dir:../db'}}, db: {when_modified: {depends_on: 'relative_dir:../dc'}}}",
    ["dirs.db.when_modified.depends_on"],
  ],
  [
    "a query that is read from many directories, one of which it is for",
    "when_modified: {depends_on: 'relative_dir:../../db'}",
    [],
  ],
  [
    "a query that leads out of the repository, or to what is not planned",
    "when_modified: {depends_on: 'relative_dir:../../../x'}\ndirs: {app: {workspaces: {w: {when_modified: {depends_on: 'relative_dir:../docs'}}}}}",
    ["when_modified.depends_on", "dirs.app.workspaces.w.when_modified.depends_on"],
  ],
  [
    "a query of which one half is read from the directory",
    "dirs: {app: {when_modified: {depends_on: 'relative_dir:../dc or dir:db'}}, db: {when_modified: {depends_on: 'not relative_dir:../dc'}}}",
    [],
  ],
  [
    "a query of a directory that is not there has one warning",
    "dirs: {ap: {when_modified: {depends_on: 'relative_dir:../dc'}}}",
    ["dirs.ap"],
  ],
  ["no requirement", "apply_requirements: {checks: []}", ["apply_requirements.checks"]],
  [
    "no requirement for some",
    "apply_requirements: {checks: [{tag_query: 'dir:app'}, {tag_query: 'live in dir'}]}",
    ["apply_requirements.checks"],
  ],
  [
    "requirements for all, each by its own",
    "apply_requirements: {checks: [{tag_query: 'dir:app'}, {tag_query: 'not (dir:app)'}]}",
    [],
  ],
  [
    "requirements that depend on the pull request",
    "tags: {dest_branch: {m: main}}\napply_requirements: {checks: [{tag_query: 'dest_branch:m'}]}",
    [],
  ],
  [
    "requirements of stacks",
    "stacks: {names: {s: {tag_query: 'dir:app'}}}\napply_requirements: {checks: [{tag_query: 'stack_name:s'}, {tag_query: 'stack_name:default'}]}",
    [],
  ],
  ["no policy", "access_control: {enabled: true, policies: []}", ["access_control.policies"]],
  [
    "no policy for some",
    "access_control: {enabled: true, policies: [{tag_query: 'dir:app'}]}",
    ["access_control.policies"],
  ],
  [
    "a policy for all",
    "access_control: {enabled: true, policies: [{tag_query: 'dir:app'}, {tag_query: ''}]}",
    [],
  ],
  ["no policy where none is asked", "access_control: {enabled: false, policies: []}", []],
];

test.each(TABLE)("%s", (_name, yaml, expected) => {
  expect(unused(yaml)).toEqual(expected);
});

test("a misspelt tag gets the one that is meant", () => {
  const yaml = "dirs: {app: {tags: [production]}}\nworkflows: [{tag_query: prodution}]";
  const [found] = findUnused(derive(configOf(yaml), { files: FILES }, BRANCHES));
  expect(found).toMatchObject({
    code: "never_matches",
    suggestion: "production",
    message: "no directory of this repository matches `prodution`: none has the tag `prodution`",
  });
});

test.each([
  [
    "dirs: {db: {when_modified: {depends_on: 'relative_dir:../dc'}}}",
    "`relative_dir:../dc` leads to no directory that is planned, neither from `db` nor from any other that has it",
  ],
  [
    "apply_requirements: {checks: []}",
    'this list is empty, so every apply of `app:default` or any other is refused; an entry with `tag_query: ""` at the end is for all that no other one matches',
  ],
  [
    "apply_requirements: {checks: [{tag_query: 'dir:app'}]}",
    'no entry of this list matches `db:default`, so every apply of it is refused; an entry with `tag_query: ""` at the end is for all that no other one matches',
  ],
  [
    "access_control: {enabled: true, policies: [{tag_query: 'dir:app'}]}",
    'no entry of this list matches `db:default`, so nobody may plan or apply it; an entry with `tag_query: ""` at the end is for all that no other one matches',
  ],
])("%s: the warning names a directory", (yaml, message) => {
  const found = findUnused(derive(configOf(yaml), { files: FILES }, BRANCHES));
  expect(found.map((one) => one.message)).toEqual([message]);
});

test("of two keys for one place the message is which one counts", () => {
  const derived = derive(configOf("dirs: {app: {}, app/main.tf: {}}"), { files: FILES }, BRANCHES);
  expect(derived.diagnostics.map((one) => one.message)).toEqual([
    "The keys `app` and `app/main.tf` of `dirs` both name `app`; `app` counts.",
  ]);
});

test("a repository without any dirspace is not told that its queries match nothing", () => {
  expect(unused("workflows: [{tag_query: prod}]", ["README.md"])).toEqual([]);
});
