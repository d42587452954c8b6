import { expect, test } from "vitest";
import { completeConfig } from "./complete.ts";
import { DEFAULTS } from "./defaults.ts";
import { effectiveConfig } from "./effective.ts";
import { effectiveValues } from "./effective-values.ts";
import type { Json } from "./json.ts";
import { formatPath } from "./places.ts";
import { configSchema } from "./schema/root.ts";

const FILE = ".terrane/config.yml";

function valuesOf(text: string) {
  const effective = effectiveConfig([{ layer: "repository", file: FILE, text }], "as_written");
  if (effective.kind === "error") throw new Error(JSON.stringify(effective.diagnostics));
  return effectiveValues(effective);
}

function written(text: string): readonly string[] {
  return valuesOf(text).flatMap(({ name, value, origin }) =>
    origin.layer === "default"
      ? []
      : [`${name} ${JSON.stringify(value)} ${origin.line}:${origin.column}`],
  );
}

test("the listed defaults are what counts where nobody writes anything", () => {
  const file: Record<string, Json> = {};
  for (const [path, value] of DEFAULTS) put(file, path as readonly string[], value);
  const parsed = configSchema.safeParse(file);
  expect(parsed.error?.issues ?? []).toEqual([]);
  expect(completeConfig(file)).toEqual(completeConfig({}));
});

function put(into: Record<string, Json>, path: readonly string[], value: Json): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = (into[key] ?? {}) as Record<string, Json>;
  into[key] = inner;
  put(inner, rest, value);
}

test("an empty configuration is all defaults", () => {
  expect(valuesOf("").map(({ name, origin }) => [name, origin.layer])).toEqual(
    DEFAULTS.map(([path]) => [formatPath(path), "default"]).sort(([a = ""], [b = ""]) =>
      a < b ? -1 : 1,
    ),
  );
});

test.each<[string, readonly string[]]>([
  ["enabled: false\n", ["enabled false 1:10"]],
  ["parallel_runs: null\n", []],
  ["engine: {name: tofu}\n", ['engine.name "tofu" 1:16']],
  ["dirs:\n  a:\n    tags: [x, y]\n  b: {}\n", ['dirs.a.tags ["x","y"] 3:11', "dirs.b {} 4:6"]],
  [
    "workflows:\n  - tag_query: x\n    plan:\n      - {type: run, cmd: [make, plan]}\n",
    [
      'workflows[0].plan[0].cmd ["make","plan"] 4:26',
      'workflows[0].plan[0].type "run" 4:16',
      'workflows[0].tag_query "x" 2:16',
    ],
  ],
])("what %j says is listed with its line", (text, expected) => {
  expect(written(text)).toEqual(expected);
});

test("a section that says a part keeps the defaults of the rest", () => {
  const values = valuesOf("automerge: {enabled: true}\n");
  const ofSection = values.filter(({ name }) => name.startsWith("automerge."));
  expect(ofSection.map(({ name, value, origin }) => [name, value, origin.layer])).toEqual([
    ["automerge.delete_branch", false, "default"],
    ["automerge.enabled", true, "repository"],
    ["automerge.merge_strategy", "auto", "default"],
    ["automerge.require_explicit_apply", false, "default"],
    ["automerge.retain_pr_title", false, "default"],
  ]);
});

test("each name is listed once, entries of lists in their order", () => {
  const text = `workflows:\n${Array.from({ length: 11 }, (_, n) => `  - tag_query: "t${n}"\n`).join("")}`;
  const names = valuesOf(text).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.startsWith("workflows")).at(-1)).toBe(
    "workflows[10].tag_query",
  );
});
