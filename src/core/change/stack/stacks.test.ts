import { expect, test } from "vitest";
import { dirsOf, ok } from "../../../../test/support/change.ts";
import { runStacks, type WrittenStacks, wavesOf } from "../../../../test/support/stacks.ts";
import type { Stack } from "../../config/stack.ts";
import { connectStacks, STACKS_MAX } from "./stacks.ts";

const tf = (dirs: string): string[] => dirs.split(" ").map((dir) => `${dir}/main.tf`);
const leaf = (dir: string, rules: WrittenStacks[string]["rules"] = {}) => ({
  tag_query: `${dir} in dir`,
  rules,
});
const ABC = "a/1 b/1 c/1";

/** Name, stacks, changed directories, waves; the directories are those of a, b and c, one of each. */
const WAVES: readonly (readonly [string, WrittenStacks, string, string[][]])[] = [
  [
    "stacks without rules have no order",
    { a: leaf("a"), b: leaf("b") },
    ABC,
    [["a/1", "b/1", "c/1"]],
  ],
  [
    "plan_after orders",
    { a: leaf("a"), b: leaf("b", { plan_after: ["a"] }) },
    "a/1 b/1",
    [["a/1"], ["b/1"]],
  ],
  [
    "plan_after takes nothing along",
    { a: leaf("a"), b: leaf("b", { plan_after: ["a"] }) },
    "a/1",
    [["a/1"]],
  ],
  [
    "plan_after reaches through a stack that does not change",
    { a: leaf("a"), b: leaf("b", { plan_after: ["a"] }), c: leaf("c", { plan_after: ["b"] }) },
    "a/1 c/1",
    [["a/1"], ["c/1"]],
  ],
  [
    "plan_after reaches through a stack without directories",
    { a: leaf("a"), x: leaf("x", { plan_after: ["a"] }), c: leaf("c", { plan_after: ["x"] }) },
    "a/1 c/1",
    [["a/1"], ["c/1"]],
  ],
  [
    "modified_by takes the whole stack along, and comes after it",
    { a: leaf("a"), rest: { tag_query: "b in dir or c in dir", rules: { modified_by: ["a"] } } },
    "a/1",
    [["a/1"], ["b/1", "c/1"]],
  ],
  [
    "modified_by takes nothing along where the other stack does not change",
    { a: leaf("a"), b: leaf("b", { modified_by: ["a"] }) },
    "b/1",
    [["b/1"]],
  ],
  [
    "an explicit empty plan_after leaves modified_by without order (§14 no. 13)",
    { a: leaf("a"), b: leaf("b", { modified_by: ["a"], plan_after: [] }) },
    "a/1",
    [["a/1", "b/1"]],
  ],
  [
    "an explicit plan_after replaces the order that modified_by implies",
    {
      a: leaf("a"),
      c: leaf("c"),
      b: leaf("b", { modified_by: ["a"], plan_after: ["c"] }),
    },
    "a/1 c/1",
    [["a/1", "c/1"], ["b/1"]],
  ],
  [
    "modified_by goes on through what it took along (§14 no. 10)",
    { a: leaf("a"), b: leaf("b", { modified_by: ["a"] }), c: leaf("c", { modified_by: ["b"] }) },
    "a/1",
    [["a/1"], ["b/1"], ["c/1"]],
  ],
  [
    "modified_by reaches through a stack without directories",
    { a: leaf("a"), x: leaf("x", { modified_by: ["a"] }), c: leaf("c", { modified_by: ["x"] }) },
    "a/1",
    [["a/1"], ["c/1"]],
  ],
  [
    "stacks that modify one another are no cycle where they have no order (§14 no. 13)",
    {
      a: leaf("a", { modified_by: ["b"], plan_after: [] }),
      b: leaf("b", { modified_by: ["a"], plan_after: [] }),
    },
    "b/1",
    [["a/1", "b/1"]],
  ],
  [
    "apply_after does not order plans",
    { a: leaf("a"), b: leaf("b", { apply_after: ["a"] }) },
    "a/1 b/1",
    [["a/1", "b/1"]],
  ],
  [
    "a rule may name the implicit default (§14 no. 13)",
    { a: leaf("a", { plan_after: ["default"] }), b: leaf("b", { modified_by: ["default"] }) },
    "a/1 c/1",
    [["c/1"], ["a/1", "b/1"]],
  ],
  [
    "the rules of a nested stack are those of its leaves",
    {
      a: leaf("a"),
      b: leaf("b"),
      c: leaf("c"),
      apps: { stacks: ["b", "c"], rules: { plan_after: ["a"] } },
    },
    ABC,
    [["a/1"], ["b/1", "c/1"]],
  ],
  [
    "the name of a nested stack stands for its leaves",
    {
      a: leaf("a"),
      b: leaf("b"),
      base: { stacks: ["inner"] },
      inner: { stacks: ["a", "b"] },
      c: leaf("c", { modified_by: ["base"] }),
    },
    "b/1",
    [["b/1"], ["c/1"]],
  ],
  [
    "a leaf may come after its neighbour in a nested stack",
    { a: leaf("a"), b: leaf("b", { plan_after: ["a"] }), both: { stacks: ["a", "b"] } },
    "a/1 b/1",
    [["a/1"], ["b/1"]],
  ],
];

test.each(WAVES)("stacks (§3.8, §14): %s", (_name, stacks, changed, expected) => {
  expect(wavesOf(runStacks(stacks, tf(ABC), tf(changed)))).toEqual(expected);
});

/** Name, stacks, the code and what the message names, where it points. */
const ERRORS: readonly (readonly [string, WrittenStacks, string, string[], string])[] = [
  [
    "nested stacks hold one another",
    { a: leaf("a"), m: { stacks: ["n", "a"] }, n: { stacks: ["m"] } },
    "stack_cycle",
    ["`m` → `n` → `m`"],
    "stacks.names.m.stacks.0",
  ],
  [
    "plan_after goes round",
    { a: leaf("a", { plan_after: ["b"] }), b: leaf("b", { plan_after: ["a"] }) },
    "stack_cycle",
    ["`a` → `b` → `a`"],
    "stacks.names.a.rules.plan_after.0",
  ],
  [
    "plan_after and apply_after go round together",
    { a: leaf("a", { plan_after: ["b"] }), b: leaf("b", { apply_after: ["a"] }) },
    "stack_cycle",
    ["`a` → `b` → `a`"],
    "stacks.names.a.rules.plan_after.0",
  ],
  [
    "a stack comes after itself",
    { a: leaf("a", { apply_after: ["a"] }) },
    "stack_cycle",
    ["`a` → `a`"],
    "stacks.names.a.rules.apply_after.0",
  ],
  [
    "modified_by goes round with the order that it implies",
    { a: leaf("a", { modified_by: ["b"] }), b: leaf("b", { modified_by: ["a"] }) },
    "stack_cycle",
    ["`a` → `b` → `a`"],
    "stacks.names.a.rules.modified_by.0",
  ],
  [
    "a leaf comes after the nested stack that holds it",
    { a: leaf("a", { plan_after: ["n"] }), n: { stacks: ["a"] } },
    "stack_cycle",
    ["`a` → `n` → `a`"],
    "stacks.names.a.rules.plan_after.0",
  ],
  [
    "a nested stack comes after one of its leaves, after expansion",
    { a: leaf("a"), b: leaf("b"), n: { stacks: ["a", "b"], rules: { plan_after: ["a"] } } },
    "stack_cycle",
    ["`a` → `n` → `a`"],
    "stacks.names.n.rules.plan_after.0",
  ],
  [
    "a dirspace is in two stacks",
    { a: leaf("a"), one: { tag_query: "dir:a/1" } },
    "stack_overlap",
    ["`a/1` matches the stacks `a` and `one`"],
    "stacks.names.one.tag_query",
  ],
  [
    "a dirspace is in no stack where default is configured",
    { default: leaf("a") },
    "stack_unmatched",
    ["`b/1` and `c/1` match no stack"],
    "stacks.names.default",
  ],
  [
    "a nested stack called default ends the implicit one (§14 no. 13)",
    { a: leaf("a"), default: { stacks: ["a"] } },
    "stack_unmatched",
    ["`b/1` and `c/1` match no stack", "nested"],
    "stacks.names.default",
  ],
];

test.each(ERRORS)("every change fails when %s (§14 no. 14)", (_name, stacks, code, named, at) => {
  const set = runStacks(stacks, tf(ABC), []);
  expect(set.kind).toBe("error");
  expect(set.diagnostics).toHaveLength(1);
  expect(set.diagnostics[0]).toMatchObject({
    severity: "error",
    code,
    at: at.split(".").map(index),
  });
  for (const text of named) expect(set.diagnostics[0]?.message).toContain(text);
});

function index(key: string): string | number {
  return /^[0-9]$/.test(key) ? Number(key) : key;
}

test("depends_on and the order of stacks that contradict one another are a cycle that names both", () => {
  const yaml = "dirs: {a/1: {when_modified: {depends_on: 'dir:b/1'}}}";
  const stacks = { a: leaf("a"), b: leaf("b", { plan_after: ["a"] }) };
  expect(runStacks(stacks, tf(ABC), [], yaml)).toMatchObject({
    kind: "error",
    diagnostics: [
      {
        code: "depends_on_cycle",
        message: expect.stringContaining("a/1 → b/1 → stack `b` → stack `a` → a/1"),
        cycle: [{ dir: "a/1" }, { dir: "b/1" }, { dir: "a/1" }],
        at: ["dirs", "a/1", "when_modified", "depends_on"],
      },
    ],
  });
});

test("depends_on sees the names of stacks, its own and those that hold it (§14 no. 12)", () => {
  const yaml = "dirs: {c/1: {when_modified: {depends_on: 'stack_name:base'}}}";
  const stacks = { a: leaf("a"), b: leaf("b"), base: { stacks: ["a", "b"] } };
  expect(wavesOf(runStacks(stacks, tf(ABC), tf("a/1"), yaml))).toEqual([["a/1"], ["c/1"]]);
});

test("the query of a stack does not see the names of stacks", () => {
  const stacks = { a: leaf("a"), other: { tag_query: "stack_name:a or stack_name:default" } };
  const set = ok(runStacks(stacks, tf(ABC), tf(ABC)));
  expect(set.map(({ stack }) => stack.name)).toEqual(["a", "default", "default"]);
});

test("a dirspace has the name of its stack and of all that hold it as tags", () => {
  const stacks = { a: leaf("a"), inner: { stacks: ["a"] }, outer: { stacks: ["inner"] } };
  expect(ok(runStacks(stacks, tf(ABC), tf("a/1 b/1"))).map(({ tags }) => tags)).toEqual([
    ["dir:a/1", "stack_name:a", "stack_name:inner", "stack_name:outer", "workspace:default"],
    ["dir:b/1", "stack_name:default", "workspace:default"],
  ]);
});

test("variables are inherited and the nearest wins; of auto_apply the outermost", () => {
  const stacks: WrittenStacks = {
    a: { ...leaf("a", { auto_apply: true }), variables: { own: "a", near: "a" } },
    b: leaf("b"),
    inner: {
      stacks: ["a"],
      variables: { near: "inner", mid: "inner", far: "inner" },
      rules: { auto_apply: true },
    },
    outer: {
      stacks: ["inner", "b"],
      variables: { far: "outer", top: "outer" },
      rules: { auto_apply: false },
    },
  };
  const [a, b, c] = ok(runStacks(stacks, tf(ABC), tf(ABC))).map(({ stack }) => stack);
  expect(a).toEqual({
    name: "a",
    applyAfter: [],
    autoApply: false,
    variables: { own: "a", near: "a", mid: "inner", far: "inner", top: "outer" },
  });
  expect(b).toMatchObject({ autoApply: false, variables: { far: "outer", top: "outer" } });
  expect(c).toEqual({ name: "default", applyAfter: [], variables: {} });
});

test("apply_after names leaves, with everything that those are applied after", () => {
  const stacks = {
    a: leaf("a"),
    b: leaf("b", { apply_after: ["a"] }),
    n: { stacks: ["b"] },
    c: leaf("c", { apply_after: ["n"] }),
  };
  const set = ok(runStacks(stacks, tf(ABC), tf(ABC)));
  expect(set.map(({ stack }) => stack.applyAfter)).toEqual([[], ["a"], ["a", "b"]]);
});

test("a dirspace that modified_by takes along says which stack did it", () => {
  const stacks = { a: leaf("a"), n: { stacks: ["a"] }, b: leaf("b", { modified_by: ["n"] }) };
  const set = ok(runStacks(stacks, tf(ABC), tf("a/1")));
  expect(set[1]).toMatchObject({
    dirspace: { dir: "b/1" },
    because: [{ kind: "modified_by", stack: "b", by: "a" }],
  });
});

test("prune_on_no_change drops what only modified_by took along, not what changes itself (§14 no. 10)", () => {
  const yaml =
    "dirs: {b/1: {when_modified: {depends_on: {tag_query: 'dir:none', prune_on_no_change: true}}}}";
  const stacks = {
    a: leaf("a"),
    b: leaf("b", { modified_by: ["a"] }),
    c: leaf("c", { modified_by: ["b"] }),
  };
  expect(wavesOf(runStacks(stacks, tf(ABC), tf("a/1"), yaml))).toEqual([["a/1"], ["c/1"]]);
  expect(dirsOf(runStacks(stacks, tf(ABC), tf("a/1 b/1"), yaml))).toEqual(["a/1", "b/1", "c/1"]);
});

test("a stack is modified by what depends_on took along in another one (§14 no. 10)", () => {
  const yaml = "dirs: {b/1: {when_modified: {depends_on: 'dir:a/1'}}}";
  const stacks = { b: leaf("b"), c: leaf("c", { modified_by: ["b"] }) };
  expect(wavesOf(runStacks(stacks, tf(ABC), tf("a/1"), yaml))).toEqual([["a/1"], ["b/1"], ["c/1"]]);
});

const ENVIRONMENT = 'workflows: [{tag_query: "", environment: "${stage}-$${stage}"}]';

test("the environment of a workflow gets the variables of the stack", () => {
  const stacks = { a: { ...leaf("a"), variables: { stage: "prod" } } };
  const [a] = ok(runStacks(stacks, tf(ABC), tf("a/1"), ENVIRONMENT));
  expect(a?.workflow.environment).toBe("prod-${stage}");
});

test("a variable that the stack does not have is an error that names it, the workflow and the stack", () => {
  const stacks = { a: { ...leaf("a"), variables: { stage: "prod" } } };
  expect(runStacks(stacks, tf(ABC), tf("b/1"), ENVIRONMENT)).toMatchObject({
    kind: "error",
    diagnostics: [
      {
        code: "stack_variable",
        message: expect.stringMatching(/workflow 1.*`stage`.*`default`/),
        at: ["workflows", 0, "environment"],
      },
    ],
  });
});

const LEAF = { kind: "leaf", tagQuery: { text: "", root: null }, variables: {} } as const;

/** A file alone is refused for it when it is read; merged files can come to it later. */
const UNKNOWN: readonly (readonly [string, Stack, string])[] = [
  ["a rule", { ...LEAF, name: "a", rules: { planAfter: ["x"] } }, "rules.plan_after.0"],
  [
    "modified_by, which is said once,",
    { ...LEAF, name: "a", rules: { modifiedBy: ["x"] } },
    "rules.modified_by.0",
  ],
  [
    "a nested stack",
    { kind: "nested", name: "a", stacks: ["x"], variables: {}, rules: {} },
    "stacks.0",
  ],
];

test.each(UNKNOWN)("%s cannot name a stack that does not exist", (_name, stack, at) => {
  expect(connectStacks([stack])).toEqual({
    kind: "error",
    diagnostics: [
      {
        severity: "error",
        code: "stack_unknown",
        message: "The stack `a` names `x`, and there is no such stack. There are `a`, `default`.",
        at: `stacks.names.a.${at}`.split(".").map(index),
      },
    ],
  });
});

test("more stacks than the limit are refused", () => {
  const stacks = Array.from({ length: STACKS_MAX + 1 }, (_, at): Stack => {
    return { ...LEAF, name: `s${at}`, rules: {} };
  });
  expect(connectStacks(stacks)).toMatchObject({
    kind: "error",
    diagnostics: [{ code: "stack_limit" }],
  });
  expect(connectStacks(stacks.slice(1)).kind).toBe("ok");
});
