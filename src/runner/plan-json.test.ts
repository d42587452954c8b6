import fc from "fast-check";
import { expect, test } from "vitest";
import { RESULT_CHANGES_MAX } from "../contract/work.ts";
import { planFacts, sensitiveValues } from "./plan-json.ts";

const change = (actions: string[], more: object = {}) => ({
  address: "a.b",
  change: { actions, ...more },
});
const of = (...resources: object[]) => planFacts({ resource_changes: resources });

test.each([
  ["create", change(["create"]), { create: 1 }, "create"],
  ["update", change(["update"]), { update: 1 }, "update"],
  ["delete", change(["delete"]), { delete: 1 }, "delete"],
  ["replace", change(["delete", "create"]), { replace: 1 }, "replace"],
  ["replace, created first", change(["create", "delete"]), { replace: 1 }, "replace"],
  ["forget", change(["forget"]), { forget: 1 }, "forget"],
  ["read", change(["read"]), {}, "read"],
  ["import alone", change(["no-op"], { importing: { id: "x" } }), { import: 1 }, "import"],
  ["import with update", change(["update"], { importing: {} }), { import: 1, update: 1 }, "update"],
  ["move", { ...change(["no-op"]), previous_address: "a.c" }, { move: 1 }, "move"],
])("%s is counted", (_name, resource, counts, action) => {
  const facts = of(resource);
  expect(facts.counts).toMatchObject(counts);
  expect(facts.changes).toEqual([{ address: "a.b", action, replacePaths: [] }]);
  expect(facts.changed).toBe(true);
});

test("nothing to do is no change", () => {
  const facts = planFacts({
    resource_changes: [change(["no-op"])],
    output_changes: { x: { actions: ["no-op"] } },
  });
  expect(facts).toMatchObject({ changed: false, changes: [], counts: { outputs: 0 } });
});

test("only outputs is a change", () => {
  const facts = planFacts({
    output_changes: { x: { actions: ["update"] }, y: { actions: ["create"] } },
  });
  expect(facts).toMatchObject({ changed: true, changes: [], counts: { outputs: 2 } });
});

test("paths that force a replacement are readable", () => {
  const paths = {
    replace_paths: [
      ["a", 0, "b"],
      ["tags", "x"],
    ],
  };
  expect(of(change(["delete", "create"], paths)).changes[0]?.replacePaths).toEqual([
    "a[0].b",
    "tags.x",
  ]);
});

test("over the limit what destroys is kept", () => {
  const many = Array.from({ length: RESULT_CHANGES_MAX }, () => change(["create"]));
  const facts = of(...many, { ...change(["delete"]), address: "last" });
  expect(facts.changes).toHaveLength(RESULT_CHANGES_MAX);
  expect(facts.changes[0]).toMatchObject({ address: "last", action: "delete" });
  expect(facts.counts).toMatchObject({ create: RESULT_CHANGES_MAX, delete: 1 });
});

test("sensitive values are found wherever a plan or a state marks them", () => {
  const found = sensitiveValues({
    variables: { p: { value: "variable" }, q: { value: "plain" } },
    configuration: { root_module: { variables: { p: { sensitive: true }, q: {} } } },
    resource_changes: [
      change(["update"], {
        before: { a: "before", list: [{ b: "nested" }, "x"], open: "plain" },
        before_sensitive: { a: true, list: [{ b: true }, false] },
        after: ["whole", { n: 1234567, short: 12 }],
        after_sensitive: true,
      }),
    ],
    output_changes: { o: { before: null, after: "output", after_sensitive: true } },
    prior_state: {
      values: {
        outputs: { s: { sensitive: true, value: ["state-output"] }, t: { value: "plain" } },
        root_module: {
          child_modules: [
            { resources: [{ values: { k: "state" }, sensitive_values: { k: true } }] },
          ],
        },
      },
    },
    values: { outputs: { s: { sensitive: true, value: "shown-state" } } },
  });
  expect(found.toSorted()).toEqual(
    [
      "variable",
      "before",
      "nested",
      "whole",
      "1234567",
      "output",
      "state-output",
      "state",
      "shown-state",
    ].toSorted(),
  );
});

test("any JSON gives facts and never an error", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (resources, outputs) => {
      const document = { resource_changes: resources, output_changes: outputs, values: resources };
      expect(planFacts(document).changed).toBeTypeOf("boolean");
      expect(Array.isArray(sensitiveValues(document))).toBe(true);
      expect(planFacts(resources).changes).toBeInstanceOf(Array);
    }),
  );
});
