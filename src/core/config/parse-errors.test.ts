import fc from "fast-check";
import { expect, test } from "vitest";
import { DIAGNOSTICS_MAX } from "./document.ts";
import { parseConfig } from "./parse.ts";
import { TOP_LEVEL_KEYS } from "./schema/root.ts";
import { CONFIG_CHARS_MAX, CONFIG_NODES_MAX } from "./yaml.ts";

type Expected = readonly [
  line: number,
  column: number,
  code: string,
  path: string,
  suggestion: string | undefined,
];

/** What is broken, the document, where and how that is reported. */
const BROKEN: readonly (readonly [string, string, Expected])[] = [
  [
    "a misspelt top-level key",
    "enabled: true\nworkflow: []\n",
    [2, 1, "unknown_key", "workflow", "workflows"],
  ],
  ["a key that nothing resembles", "colour: red\n", [1, 1, "unknown_key", "colour", undefined]],
  [
    "a misspelt key of an engine",
    "engine:\n  name: terraform\n  tf_version: 1.5.7\n",
    [3, 3, "unknown_key", "engine.tf_version", "version"],
  ],
  [
    "an unknown engine",
    "engine: {name: teraform}\n",
    [1, 16, "wrong_value", "engine.name", "terraform"],
  ],
  [
    "an engine without a name",
    'engine:\n  version: "1.5"\n',
    [2, 3, "missing_key", "engine.name", undefined],
  ],
  ["an engine as text", "engine: terraform\n", [1, 9, "wrong_type", "engine", "{name: terraform}"]],
  [
    "a version that YAML reads as a number",
    "engine:\n  name: tofu\n  version: 1.10\n",
    [3, 12, "wrong_type", "engine.version", '"1.10"'],
  ],
  [
    "the version of the language as a number",
    "version: 1\n",
    [1, 10, "wrong_value", "version", '"1"'],
  ],
  ["a list for a mapping", "dirs:\n  - a\n", [2, 3, "wrong_type", "dirs", undefined]],
  [
    "text for a list",
    "dirs:\n  a:\n    tags: prod\n",
    [3, 11, "wrong_type", "dirs.a.tags", '["prod"]'],
  ],
  [
    "a command in one string",
    'workflows:\n  - tag_query: ""\n    plan:\n      - type: run\n        cmd: echo hi\n',
    [5, 14, "wrong_type", "workflows[0].plan[0].cmd", '["sh", "-c", "echo hi"]'],
  ],
  [
    "an unknown step",
    'workflows:\n  - tag_query: ""\n    plan: [{type: init}, {type: pln}]\n',
    [3, 33, "wrong_value", "workflows[0].plan[1].type", "plan"],
  ],
  [
    "a step without a type",
    'workflows:\n  - tag_query: ""\n    plan: [{cmd: [a]}]\n',
    [3, 12, "missing_key", "workflows[0].plan[0].type", undefined],
  ],
  [
    "an env step without a method",
    'workflows:\n  - tag_query: ""\n    plan:\n      - type: env\n        cmd: [a]\n',
    [4, 9, "missing_key", "workflows[0].plan[0].method", undefined],
  ],
  [
    "a gate on a run step",
    'workflows:\n  - tag_query: ""\n    plan:\n      - {type: run, cmd: [a], gate: {}}\n',
    [4, 31, "unknown_key", "workflows[0].plan[0].gate", undefined],
  ],
  [
    "a workflow without a query",
    "workflows:\n  - plan: []\n",
    [2, 5, "missing_key", "workflows[0].tag_query", undefined],
  ],
  [
    "a misspelt query key",
    "workflows:\n  - tagquery: a\n",
    [2, 5, "unknown_key", "workflows[0].tagquery", "tag_query"],
  ],
  [
    "a tag query that does not parse",
    "workflows:\n  - tag_query: (a\n",
    [2, 16, "tag_query", "workflows[0].tag_query", undefined],
  ],
  [
    "a tag query of a notification that does not parse",
    "notifications:\n  policies:\n    - tag_query: (a\n      comment_strategy: append\n",
    [3, 18, "tag_query", "notifications.policies[0].tag_query", undefined],
  ],
  [
    "a tag that says another directory",
    "dirs:\n  live/prod:\n    tags: [app, 'dir:sandbox']\n",
    [3, 17, "wrong_value", 'dirs["live/prod"].tags[1]', undefined],
  ],
  [
    "a tag of a workspace that says another directory",
    "dirs:\n  a:\n    workspaces: {b: {tags: ['dir:sandbox']}}\n",
    [3, 29, "wrong_value", "dirs.a.workspaces.b.tags[0]", undefined],
  ],
  [
    "a depends_on that does not parse",
    'dirs:\n  a:\n    when_modified:\n      depends_on: "dir:a and"\n',
    [4, 19, "tag_query", "dirs.a.when_modified.depends_on", undefined],
  ],
  [
    "a misspelt key inside depends_on",
    "when_modified:\n  depends_on: {tag_query: a, prune: true}\n",
    [2, 30, "unknown_key", "when_modified.depends_on.prune", "prune_on_no_change"],
  ],
  [
    "a glob that is not closed",
    'dirs:\n  "a/[b": {}\n',
    [2, 3, "pattern", 'dirs["a/[b"]', undefined],
  ],
  [
    "a file pattern that is not closed",
    'when_modified:\n  file_patterns: ["*.tf", "{a"]\n',
    [2, 27, "pattern", "when_modified.file_patterns[1]", undefined],
  ],
  [
    "a key of dirs that leaves the repository",
    "dirs:\n  ../x: {}\n",
    [2, 3, "pattern", 'dirs["../x"]', undefined],
  ],
  ["an absolute key of dirs", "dirs:\n  /x: {}\n", [2, 3, "pattern", 'dirs["/x"]', undefined]],
  [
    "a workspace with a slash",
    "dirs:\n  a:\n    workspaces:\n      a/b: {}\n",
    [4, 7, "workspace", 'dirs.a.workspaces["a/b"]', undefined],
  ],
  [
    "one name under workspaces and stacks",
    "dirs:\n  a:\n    workspaces: {x: {}}\n    stacks: {x: {}}\n",
    [4, 17, "workspace", "dirs.a.stacks.x", undefined],
  ],
  [
    "yes for true",
    "automerge:\n  enabled: yes\n",
    [2, 12, "wrong_type", "automerge.enabled", "true"],
  ],
  ["a number in quotes", 'parallel_runs: "4"\n', [1, 16, "wrong_type", "parallel_runs", "4"]],
  [
    "a number that is too small",
    'apply_requirements: {checks: [{tag_query: "", approved: {any_of_count: -1}}]}\n',
    [1, 72, "wrong_value", "apply_requirements.checks[0].approved.any_of_count", undefined],
  ],
  ["a fraction", "parallel_runs: 1.5\n", [1, 16, "wrong_type", "parallel_runs", undefined]],
  [
    "an unknown strategy",
    "automerge: {merge_strategy: sqash}\n",
    [1, 29, "wrong_value", "automerge.merge_strategy", "squash"],
  ],
  [
    "an unknown lock policy",
    'workflows: [{tag_query: "", lock_policy: Strict}]\n',
    [1, 42, "wrong_value", "workflows[0].lock_policy", "strict"],
  ],
  [
    "an unknown role",
    'apply_requirements:\n  checks:\n    - tag_query: ""\n      approved: {all_of: ["role:owner"]}\n',
    [4, 27, "match", "apply_requirements.checks[0].approved.all_of[0]", undefined],
  ],
  [
    "a match without a kind",
    'apply_requirements:\n  checks: [{tag_query: "", approved: {any_of: [sre]}}]\n',
    [2, 48, "match", "apply_requirements.checks[0].approved.any_of[0]", undefined],
  ],
  [
    "an unknown key among the overrides",
    "default_branch_overrides: [workflow]\n",
    [1, 28, "wrong_value", "default_branch_overrides[0]", "workflows"],
  ],
  [
    "a pattern that Lua refuses",
    'tags: {branch: {a: "[x"}}\n',
    [1, 20, "pattern", "tags.branch.a", undefined],
  ],
  [
    "a regular expression that is not closed",
    'tags: {dest_branch: {a: "/(x/"}}\n',
    [1, 25, "pattern", "tags.dest_branch.a", undefined],
  ],
  [
    "an empty tag",
    'dirs: {a: {tags: [""]}}\n',
    [1, 19, "wrong_value", "dirs.a.tags[0]", undefined],
  ],
  [
    "an empty branch",
    'destination_branches: [""]\n',
    [1, 24, "wrong_value", "destination_branches[0]", undefined],
  ],
  [
    "an empty source of a branch",
    'destination_branches: [{branch: main, source_branches: [""]}]\n',
    [1, 57, "wrong_value", "destination_branches[0].source_branches[0]", undefined],
  ],
  [
    "an empty tag of a branch",
    'tags: {branch: {"": x}}\n',
    [1, 17, "wrong_value", 'tags.branch[""]', undefined],
  ],
  [
    "an empty tag of a base branch",
    'tags: {dest_branch: {"": x}}\n',
    [1, 22, "wrong_value", 'tags.dest_branch[""]', undefined],
  ],
  [
    "a directory with a NUL",
    'dirs: {"a\\0b": {}}\n',
    [1, 8, "pattern", 'dirs["a\\u0000b"]', undefined],
  ],
  [
    "a glob of directories with a newline",
    'dirs: {"a\\n/*": {}}\n',
    [1, 8, "pattern", 'dirs["a\\n/*"]', undefined],
  ],
  [
    "a key that is set twice",
    "enabled: true\ndirs: {}\nenabled: false\n",
    [3, 1, "duplicate_key", "", undefined],
  ],
  ["a tab for indentation", "dirs:\n\ta: {}\n", [2, 1, "yaml_syntax", "", undefined]],
  ["brackets that are not closed", "dirs: {a: {tags: [x}\n", [1, 18, "yaml_syntax", "", undefined]],
  ["an alias of nothing", "dirs: *x\n", [1, 7, "yaml_syntax", "", undefined]],
  ["two documents", "enabled: true\n---\nenabled: false\n", [2, 1, "yaml_syntax", "", undefined]],
  ["a list at the top", "- a\n", [1, 1, "wrong_type", "", undefined]],
  ["a merge of a list", "dirs:\n  a:\n    <<: [1]\n", [3, 9, "wrong_type", "", undefined]],
  ["a prototype as a key", "dirs: {__proto__: {}}\n", [1, 8, "unknown_key", "", undefined]],
  ["a list as a key", "dirs: {[a]: {}}\n", [1, 8, "yaml_syntax", "", undefined]],
];

test.each(BROKEN)("%s is refused with its place", (_name, text, expected) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeUndefined();
  const [first] = diagnostics;
  expect([first?.line, first?.column, first?.code, first?.path, first?.suggestion]).toEqual(
    expected,
  );
  expect(first).toMatchObject({ severity: "error", file: "config.yml" });
});

test("several errors are reported at once, in the order of the file", () => {
  const text = `enabled: maybe
workflows:
  - tagquery: a
    plan: [{type: inti}, {type: run, cmd: echo hi}]
engine: {name: terraform, tf_version: 1.10}
`;
  const { diagnostics } = parseConfig(text, "config.yml");
  expect(
    diagnostics.map((one) => `${one.line}:${one.column} ${one.message}`),
  ).toMatchInlineSnapshot(`
    [
      "1:10 \`enabled\` must be \`true\` or \`false\`, not text",
      "3:5 \`tagquery\` is no key in \`workflows[0]\`; did you mean \`tag_query\`?",
      "4:19 \`workflows[0].plan[0].type\` must be one of \`init\`, \`plan\`, \`apply\`, \`run\`, \`env\`, \`oidc\`, \`checkov\`, \`conftest\`, \`opa\`, \`gates\`, \`slack\`, \`webhook\`, not \`inti\`",
      "4:43 \`workflows[0].plan[1].cmd\` must be a list, not text",
      "5:27 \`tf_version\` is no key in \`engine\`; did you mean \`version\`?",
    ]
  `);
});

test("the limits hold: size, number of values, depth, aliases", () => {
  const codes = (text: string) =>
    parseConfig(text, "config.yml").diagnostics.map((one) => one.code);
  expect(codes(`# ${"x".repeat(CONFIG_CHARS_MAX)}`)).toEqual(["too_large"]);
  expect(codes(`definitions: [${"1,".repeat(CONFIG_NODES_MAX + 1)}]`)).toEqual(["too_large"]);
  expect(codes(`definitions: ${"[".repeat(65)}${"]".repeat(65)}`)).toEqual(["too_large"]);
  expect(codes(`definitions: ${"[".repeat(50)}${"]".repeat(50)}`)).toEqual([]);
  // Deep enough to end the process inside the YAML composer, were it to see it.
  for (const deep of ["[", "{a: ", "- ", "? "]) {
    expect(codes(deep.repeat(50_000))).toEqual(["too_large"]);
  }
  const bomb = Array.from({ length: 9 }, (_, n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]`);
  expect(codes(`definitions:\n  ${["a: &a-1 x", ...bomb].join("\n  ")}\n`)).toEqual(["too_large"]);
  expect(codes("definitions: &x [*x]\n")).toEqual(["yaml_syntax"]);
  expect(codes(`definitions: [&x 1, ${"*x,".repeat(1001)}]`)).toEqual(["too_large"]);
});

test("at most a hundred diagnostics are reported", () => {
  const text = Array.from({ length: 150 }, (_, n) => `key${n}: 1`).join("\n");
  expect(parseConfig(text, "config.yml").diagnostics).toHaveLength(DIAGNOSTICS_MAX);
});

const word = fc.constantFrom(
  ...TOP_LEVEL_KEYS,
  ..."tag_query plan apply type init run cmd name terraform file_patterns depends_on".split(" "),
  ..."workspaces checks approved all_of *x &x << : - ? | > ' \" [ ] { } # ! % @ true 1.5 null ~".split(
    " ",
  ),
  "\n",
  "\n  ",
  "\n    ",
  ": ",
  "- ",
  "__proto__",
  "constructor",
  "\t",
);

test("any text gives a configuration or diagnostics that point into it", () => {
  const text = fc.oneof(
    fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, (yaml) => {
      const { raw, diagnostics } = parseConfig(yaml, "config.yml");
      const errors = diagnostics.filter((one) => one.severity === "error");
      expect(raw === undefined).toBe(errors.length > 0);
      const lines = yaml.split("\n").length;
      for (const { line, column, message } of diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).not.toBe("");
      }
    }),
    { numRuns: 500 },
  );
});
