import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "./json.ts";
import { type Conflict, mergeSources } from "./merge-sources.ts";
import { plain, trace } from "./traced.ts";

test.each<{ rule: string; lower: Json; higher: Json; merged: Json }>([
  {
    rule: "what only one source says is kept",
    lower: { enabled: true },
    higher: { parallel_runs: 2 },
    merged: { parallel_runs: 2, enabled: true },
  },
  {
    rule: "a single value is replaced",
    lower: { parallel_runs: 1 },
    higher: { parallel_runs: 2 },
    merged: { parallel_runs: 2 },
  },
  {
    rule: "mappings are merged key by key",
    lower: { automerge: { enabled: true, delete_branch: true } },
    higher: { automerge: { delete_branch: false } },
    merged: { automerge: { delete_branch: false, enabled: true } },
  },
  {
    rule: "null in the higher source resets",
    lower: { automerge: { enabled: true } },
    higher: { automerge: null },
    merged: { automerge: null },
  },
  {
    rule: "null in the lower source is overruled",
    lower: { automerge: null },
    higher: { automerge: { enabled: true } },
    merged: { automerge: { enabled: true } },
  },
  {
    rule: "in a list of which the first match decides the higher source comes first",
    lower: { workflows: [{ tag_query: "a" }] },
    higher: { workflows: [{ tag_query: "b" }] },
    merged: { workflows: [{ tag_query: "b" }, { tag_query: "a" }] },
  },
  {
    rule: "collections are joined without looking for doubles",
    lower: { when_modified: { file_patterns: ["*.tf", "a"] } },
    higher: { when_modified: { file_patterns: ["b", "a"] } },
    merged: { when_modified: { file_patterns: ["b", "a", "*.tf", "a"] } },
  },
  {
    rule: "a list of people can be narrowed",
    lower: { access_control: { unlock: ["*"], files: { x: ["*"], y: ["user:ann"] } } },
    higher: { access_control: { unlock: ["team:sre"], files: { x: [] } } },
    merged: { access_control: { unlock: ["team:sre"], files: { x: [], y: ["user:ann"] } } },
  },
  {
    rule: "an argument vector is replaced",
    lower: { engine: { name: "custom", plan: ["a", "b"], apply: ["c"] } },
    higher: { engine: { name: "custom", plan: ["d"] } },
    merged: { engine: { name: "custom", plan: ["d"], apply: ["c"] } },
  },
  {
    rule: "another engine is taken whole",
    lower: { engine: { name: "terragrunt", tf_version: "1.5" } },
    higher: { engine: { name: "terraform" } },
    merged: { engine: { name: "terraform" } },
  },
  {
    rule: "another place for plans is taken whole",
    lower: { storage: { plans: { method: "s3", bucket: "b", region: "r" } } },
    higher: { storage: { plans: { method: "cmd", store: ["a"], fetch: ["b"] } } },
    merged: { storage: { plans: { method: "cmd", store: ["a"], fetch: ["b"] } } },
  },
  {
    rule: "a stack of stacks replaces a stack of dirspaces",
    lower: { stacks: { names: { a: { tag_query: "x", variables: { v: "1" } } } } },
    higher: { stacks: { names: { a: { stacks: ["b"] } } } },
    merged: { stacks: { names: { a: { stacks: ["b"] } } } },
  },
  {
    rule: "a query alone is the mapping around it",
    lower: { when_modified: { depends_on: { tag_query: "a", prune_on_no_change: true } } },
    higher: { when_modified: { depends_on: "b" } },
    merged: { when_modified: { depends_on: { tag_query: "b", prune_on_no_change: true } } },
  },
  {
    rule: "a mapping around a query can be added to a query",
    lower: { dirs: { a: { when_modified: { depends_on: "b" } } } },
    higher: { dirs: { a: { when_modified: { depends_on: { tag_query: "c" } } } } },
    merged: { dirs: { a: { when_modified: { depends_on: { tag_query: "c" } } } } },
  },
  {
    rule: "the empty query switches off and takes nothing over",
    lower: { when_modified: { depends_on: { tag_query: "a", prune_on_no_change: true } } },
    higher: { when_modified: { depends_on: "" } },
    merged: { when_modified: { depends_on: "" } },
  },
  {
    rule: "definitions are never mixed",
    lower: { definitions: { a: [1], b: 2 } },
    higher: { definitions: [3] },
    merged: { definitions: [3] },
  },
])("$rule", ({ lower, higher, merged }) => {
  const { value, conflicts } = merge(lower, higher);
  expect(conflicts).toEqual([]);
  expect(JSON.stringify(value)).toBe(JSON.stringify(merged));
});

test("the keys of the higher source come first, for where order decides", () => {
  const { value } = merge({ dirs: { "a*": {}, "b*": {} } }, { dirs: { "c*": {}, "b*": {} } });
  expect(Object.keys((value as { dirs: object }).dirs)).toEqual(["c*", "b*", "a*"]);
});

test("shapes that cannot be combined are reported with both places", () => {
  const { conflicts } = merge({ tags: { branch: ["a"] } }, { tags: { branch: { a: "b" } } });
  expect(conflicts).toEqual([
    {
      finding: {
        severity: "error",
        code: "merge",
        message: "a mapping here, but a list in lower.yml:1:1, so the two files cannot be merged",
        path: ["tags", "branch"],
      },
      at: { source: "repository", file: "higher.yml", line: 1, column: 1 },
    },
  ]);
});

/** Documents of one shape, as the schema makes them, without lists and `null`. */
const documents = fc.dictionary(
  fc.constantFrom("a", "b", "c", "__proto__x", "constructor"),
  fc.oneof(fc.integer(), fc.string()),
);
const nested = fc.record(
  { x: documents, tags: documents, dirs: fc.dictionary(fc.string(), documents) },
  { requiredKeys: [] },
);
const withLists = fc.record(
  {
    workflows: fc.array(fc.integer()),
    destination_branches: fc.array(fc.string()),
    access_control: fc.record({ unlock: fc.array(fc.string()) }, { requiredKeys: [] }),
    x: documents,
  },
  { requiredKeys: [] },
);

test("an empty source changes nothing, below or above", () => {
  fc.assert(
    fc.property(withLists, (one) => {
      expect(merge({}, one).value).toEqual(one);
      expect(merge(one, {}).value).toEqual(one);
    }),
  );
});

test("without lists, the same source twice is that source", () => {
  fc.assert(
    fc.property(nested, (one) => {
      expect(merge(one, one).value).toEqual(one);
    }),
  );
});

test("merging is associative", () => {
  fc.assert(
    fc.property(withLists, withLists, withLists, (a, b, c) => {
      const left = merge(merge(a, b).value, c).value;
      const right = merge(a, merge(b, c).value).value;
      expect(JSON.stringify(left)).toBe(JSON.stringify(right));
    }),
  );
});

test("a joined list is the higher source's followed by the lower source's", () => {
  const lists = fc.array(fc.integer());
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      expect(merge({ workflows: a }, { workflows: b }).value).toEqual({ workflows: [...b, ...a] });
    }),
  );
});

test("no key reaches a prototype", () => {
  const hostile = JSON.parse('{"dirs":{"__proto__":{"polluted":1},"constructor":{"x":1}}}') as Json;
  const { value } = merge({ dirs: { a: {} } }, hostile);
  expect(Object.getPrototypeOf((value as { dirs: object }).dirs)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

function merge(lower: Json, higher: Json): { value: Json; conflicts: readonly Conflict[] } {
  const start = { line: 1, column: 1 };
  const locate = (): { key: typeof start; value: typeof start } => ({ key: start, value: start });
  const conflicts: Conflict[] = [];
  const merged = mergeSources(
    trace(lower, { source: "central_defaults", file: "lower.yml", locate }),
    trace(higher, { source: "repository", file: "higher.yml", locate }),
    conflicts,
  );
  return { value: plain(merged), conflicts };
}
