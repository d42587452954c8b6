import { type Entries, entryFor } from "./entries.ts";
import { fixedValues, formsOf, type JsonSchema } from "./schema-tree.ts";

/** Names for what users name, by the key that holds them. */
const NAMES: Readonly<Record<string, string>> = {
  dirs: "network",
  workspaces: "prod",
  stacks: "prod",
  names: "network",
  schedules: "nightly",
  variables: "region",
  branch: "hotfix",
  dest_branch: "prod",
  files: "network/backend.tf",
};

/** What a part needs beside itself although the schema alone does not say so. */
const COMPANIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "stacks.names.<name>": { tag_query: "dir:network" },
};

/**
 * The smallest document in which `value` stands at `path`: whatever the language requires beside it
 * is there too, with the example of its own description.
 */
export function documentWith(
  root: JsonSchema,
  entries: Entries,
  path: string,
  value: unknown,
): unknown {
  return build(root, "", split(path), value, entries);
}

/** `a.b[](run).c` → `a`, `b`, `[]`, `(run)`, `c`. */
function split(path: string): readonly string[] {
  return path.match(/\([^)]*\)|\[\]|[^.[(]+/g) ?? [];
}

function build(
  schema: JsonSchema,
  path: string,
  rest: readonly string[],
  value: unknown,
  entries: Entries,
): unknown {
  const [segment, ...after] = rest;
  if (segment === undefined) return value;
  const forms = formsOf(schema);
  if (segment === "[]") {
    const list = forms.find((form) => form.items !== undefined);
    return [build(list?.items ?? {}, `${path}[]`, after, value, entries)];
  }
  if (segment.startsWith("(")) {
    const label = segment.slice(1, -1);
    const form = forms.find((one) => isForm(one, label)) ?? {};
    return build(form, path + segment, after, value, entries);
  }
  const form = forms.find((one) => one.properties ?? typeof one.additionalProperties === "object");
  if (form === undefined) throw new Error(`${path} has no key \`${segment}\``);
  const below = path === "" ? segment : `${path}.${segment}`;
  if (segment.startsWith("<")) {
    const holder = path.split(".").at(-1) ?? "";
    const inner = form.additionalProperties as JsonSchema;
    return { [NAMES[holder] ?? "name"]: build(inner, below, after, value, entries) };
  }
  const inner = form.properties?.[segment];
  if (inner === undefined) throw new Error(`${path} has no key \`${segment}\``);
  return {
    ...siblings(form, path, entries),
    [segment]: build(inner, below, after, value, entries),
  };
}

function isForm(form: JsonSchema, label: string): boolean {
  const fixed = Object.values(fixedValues(form)).join(" ");
  if (fixed !== "") return fixed === label;
  return (form.required?.[0] ?? "object") === label && form.properties !== undefined;
}

function siblings(form: JsonSchema, path: string, entries: Entries): Record<string, unknown> {
  const required = (form.required ?? []).map((key) => {
    const entry = entryFor(entries, path === "" ? key : `${path}.${key}`);
    return [key, entry?.example] as const;
  });
  const fixed = path.endsWith(")") || path.includes("on_error") ? fixedValues(form) : {};
  return { ...COMPANIONS[path], ...Object.fromEntries(required), ...fixed };
}
