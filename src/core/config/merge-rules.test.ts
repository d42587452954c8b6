import { expect, test } from "vitest";
import type { z } from "zod";
import { LIST_RULES, mergeRuleOf, OPAQUE, QUERIES } from "./merge-rules.ts";
import { configSchema } from "./schema/root.ts";

/** The parts of a schema's definition that lead further down. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly in?: z.core.$ZodType;
  readonly getter?: () => z.core.$ZodType;
}

/** Paths of the lists that two sources can both have: what is inside of lists never meets another source. */
function listPaths(schema: z.core.$ZodType, path: string, found: Set<string>): Set<string> {
  const definition = schema._zod.def as Definition;
  if (OPAQUE.includes(path)) return found;
  if (definition.type === "array") found.add(path);
  for (const [key, inner] of Object.entries(definition.shape ?? {})) {
    listPaths(inner, path === "" ? key : `${path}.${key}`, found);
  }
  if (definition.valueType !== undefined) listPaths(definition.valueType, `${path}.*`, found);
  const options = definition.options ?? [];
  // Beside a list stands its older form, which is a list by the time files are merged.
  const lists = options.filter((option) => (option._zod.def as Definition).type === "array");
  const same = [definition.innerType, definition.in, definition.getter?.()];
  for (const inner of [...same, ...(lists.length > 0 ? lists : options)]) {
    if (inner !== undefined) listPaths(inner, path, found);
  }
  return found;
}

test("every list of the language has a rule of merging, and every rule its list", () => {
  const lists = [...listPaths(configSchema, "", new Set())].sort();
  expect(lists.length).toBeGreaterThan(10);
  expect(Object.keys(LIST_RULES).sort()).toEqual(lists);
});

test.each([
  ["workflows", "first_match"],
  ["access_control.unlock", "replaced"],
  ["engine.plan", "replaced"],
] as const)("the rule of %s is %s", (path, rule) => {
  expect(mergeRuleOf(path.split("."))).toEqual({ kind: "list", rule });
});

test("a name that a user chose stands for any name, also where it looks like a key", () => {
  expect(mergeRuleOf(["dirs", "a.b/c", "tags"])).toEqual({ kind: "list", rule: "joined" });
  expect(mergeRuleOf(["dirs", "constructor", "tags"])).toEqual({ kind: "list", rule: "joined" });
  expect(mergeRuleOf(["dirs", "a"])).toBeUndefined();
});

test("no path has two rules", () => {
  const paths = [...Object.keys(LIST_RULES), ...OPAQUE, ...QUERIES];
  expect(new Set(paths).size).toBe(paths.length);
});
