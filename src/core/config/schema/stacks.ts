import { z } from "zod";
import { optional, strict, tagQuery, text } from "./helpers.ts";

const stackName = text("stack", (value) => (value === "" ? "a stack needs a name" : undefined));

const variableName = text("wrong_value", (value) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)
    ? undefined
    : "a variable is letters, digits and `_`, and does not begin with a digit",
);

const names = z.array(stackName);

const rules = strict({
  plan_after: optional(names),
  apply_after: optional(names),
  modified_by: optional(names),
  auto_apply: optional(z.boolean()),
});

/** Of dirspaces, by `tag_query`, or of other stacks, by `stacks`: one of both, which `check` sees to. */
const stack = strict({
  tag_query: optional(tagQuery),
  stacks: optional(names),
  variables: optional(z.record(variableName, z.string())),
  rules: optional(rules),
}).check((context) => {
  const { tag_query: query, stacks: nested } = context.value;
  const hasQuery = query !== undefined && query !== null;
  const hasStacks = nested !== undefined && nested !== null;
  if (hasQuery !== hasStacks) return;
  // What is misspelt is not missing too.
  if (!hasQuery && context.issues.length > 0) return;
  context.issues.push({
    code: "custom",
    message: hasQuery
      ? "a stack is of dirspaces, with `tag_query`, or of other stacks, with `stacks`, and not both"
      : "a stack needs `tag_query`, or `stacks` if it is made of other stacks",
    input: context.value,
    path: [hasQuery ? "stacks" : "tag_query"],
    params: { code: hasQuery ? "stack" : "missing_key" },
  });
});

export const stacks = strict({ names: optional(z.record(stackName, stack)) });

export type RawStacks = z.infer<typeof stacks>;
export type RawStack = z.infer<typeof stack>;
