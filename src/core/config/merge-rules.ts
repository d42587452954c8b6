import type { Path } from "./places.ts";

/**
 * What happens when two sources have the same list.
 * - `first_match`: the higher source's entries come first and decide; the lower ones stay as fallbacks.
 * - `joined`: a collection; the higher source's entries come first.
 * - `replaced`: the higher source's list is the list. Lists of people, so that an override can take
 *   rights away, and argument vectors, which mean nothing in halves.
 */
export type ListRule = "first_match" | "joined" | "replaced";

const whenModified = (at: string): Readonly<Record<string, ListRule>> => ({
  [`${at}when_modified.file_patterns`]: "joined",
});

/** Every list of the language that two sources can both have. `*` is a name that users choose. */
export const LIST_RULES: Readonly<Record<string, ListRule>> = {
  workflows: "first_match",
  "access_control.policies": "first_match",
  "apply_requirements.checks": "first_match",
  "notifications.policies": "first_match",
  destination_branches: "first_match",

  default_branch_overrides: "joined",
  ...whenModified(""),
  ...whenModified("dirs.*."),
  ...whenModified("dirs.*.workspaces.*."),
  ...whenModified("dirs.*.stacks.*."),
  "dirs.*.tags": "joined",
  "dirs.*.workspaces.*.tags": "joined",
  "dirs.*.stacks.*.tags": "joined",
  "hooks.all.pre": "joined",
  "hooks.all.post": "joined",
  "hooks.plan.pre": "joined",
  "hooks.plan.post": "joined",
  "hooks.apply.pre": "joined",
  "hooks.apply.post": "joined",
  "stacks.names.*.stacks": "joined",
  "stacks.names.*.rules.plan_after": "joined",
  "stacks.names.*.rules.apply_after": "joined",
  "stacks.names.*.rules.modified_by": "joined",

  "access_control.terrateam_config_update": "replaced",
  "access_control.ci_config_update": "replaced",
  "access_control.unlock": "replaced",
  "access_control.files.*": "replaced",
  "engine.init": "replaced",
  "engine.plan": "replaced",
  "engine.diff": "replaced",
  "engine.apply": "replaced",
  "engine.unsafe_apply": "replaced",
  "engine.outputs": "replaced",
  "integrations.resourcely.extra_args": "replaced",
  "storage.plans.store": "replaced",
  "storage.plans.fetch": "replaced",
  "storage.plans.delete": "replaced",
  "storage.plans.store_extra_args": "replaced",
  "storage.plans.fetch_extra_args": "replaced",
  "storage.plans.delete_extra_args": "replaced",
};

/** Anything at all may stand here, so halves of two files would fit by accident only. */
export const OPAQUE: readonly string[] = ["definitions"];

/**
 * Mappings of which there are several kinds: where the sources chose different ones, the higher
 * source's is taken whole. The kind is the value of this key, or whether it is there.
 */
export const ALTERNATIVES: Readonly<Record<string, { key: string; by: "value" | "presence" }>> = {
  engine: { key: "name", by: "value" },
  "storage.plans": { key: "method", by: "value" },
  "stacks.names.*": { key: "stacks", by: "presence" },
};

/** A tag query, or a mapping around one. */
export const QUERIES: readonly string[] = [
  "when_modified.depends_on",
  "dirs.*.when_modified.depends_on",
  "dirs.*.workspaces.*.when_modified.depends_on",
  "dirs.*.stacks.*.when_modified.depends_on",
];

export type MergeRule =
  | { readonly kind: "list"; readonly rule: ListRule }
  | { readonly kind: "opaque" }
  | { readonly kind: "alternatives"; readonly key: string; readonly by: "value" | "presence" }
  | { readonly kind: "query" };

interface Node {
  readonly children: Map<string, Node>;
  rule: MergeRule | undefined;
}

const ROOT: Node = { children: new Map(), rule: undefined };

function add(pattern: string, rule: MergeRule): void {
  let node = ROOT;
  for (const key of pattern.split(".")) {
    const next: Node = node.children.get(key) ?? { children: new Map(), rule: undefined };
    node.children.set(key, next);
    node = next;
  }
  node.rule = rule;
}

for (const [pattern, rule] of Object.entries(LIST_RULES)) add(pattern, { kind: "list", rule });
for (const [pattern, how] of Object.entries(ALTERNATIVES)) {
  add(pattern, { kind: "alternatives", ...how });
}
for (const pattern of OPAQUE) add(pattern, { kind: "opaque" });
for (const pattern of QUERIES) add(pattern, { kind: "query" });

/** What the table says about a path that leads through mappings only. */
export function mergeRuleOf(path: Path): MergeRule | undefined {
  let node: Node | undefined = ROOT;
  for (const key of path) node = node?.children.get(String(key)) ?? node?.children.get("*");
  return node?.rule;
}
