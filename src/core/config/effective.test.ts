import { expect, test } from "vitest";
import type { DiagnosticCode } from "./diagnostic.ts";
import { type EffectiveConfig, effectiveConfig } from "./effective.ts";
import type { Json } from "./json.ts";
import { toDiagnostics } from "./origins.ts";
import type { Path } from "./places.ts";
import type { ConfigSource } from "./source.ts";

test("each source overrules the one below it", () => {
  const names = [
    "system",
    "central_defaults",
    "central_repo_defaults",
    "built",
    "repository",
    "central_overrides",
    "central_repo_overrides",
  ] as const;
  const sources = names.map((name, index) => source(name, `parallel_runs: ${index + 1}`));
  for (let count = 1; count <= sources.length; count++) {
    const some = sources.slice(0, count).reverse();
    expect(ok(effectiveConfig(some, "as_written")).config.parallelRuns).toBe(count);
  }
});

test("on the default branch the sources are the same, except for what the builder printed", () => {
  const yaml = (n: number) => `automerge: {merge_strategy: ${STRATEGIES[n]}}`;
  const guard = source("default_branch", "default_branch_overrides: [automerge]");
  const strategy = (...sources: ConfigSource[]) =>
    ok(effectiveConfig([guard, ...sources], "guarded")).config.automerge.mergeStrategy;
  const defaults = source("central_repo_defaults", yaml(1));
  expect(strategy(source("repository", yaml(0)))).toBe("auto");
  expect(strategy(defaults, source("repository", yaml(0)), source("built", yaml(0)))).toBe("merge");
  expect(strategy(defaults, source("central_overrides", yaml(2)))).toBe("rebase");
});

const STRATEGIES = ["squash", "merge", "rebase"];

test("a file with errors refuses, whichever it is, and names itself", () => {
  const found = effectiveConfig(
    [
      source("central_overrides", "paralel_runs: 1"),
      source("repository", "parallel_runs: x"),
      source("central_defaults", "parallel_runs: 3"),
    ],
    "as_written",
  );
  expect(found).toMatchObject({
    kind: "error",
    diagnostics: [
      { file: "repository.yml", line: 1, column: 16, code: "wrong_type" },
      { file: "central_overrides.yml", line: 1, column: 1, suggestion: "parallel_runs" },
    ],
  });
});

test("errors that a change leaves alone are said once, errors of the default branch alone are said", () => {
  const broken = "parallel_runs: x";
  const files = (head: string) => {
    const sources = [source("repository", head), source("default_branch", broken)];
    const found = effectiveConfig(sources, "guarded");
    return found.kind === "error" ? found.diagnostics.map(({ file }) => file) : [];
  };
  expect(files(broken)).toEqual(["repository.yml"]);
  expect(files("parallel_runs: 1")).toEqual(["default_branch.yml"]);
});

test("warnings are those of the change, not of the default branch", () => {
  const old = 'default_tf_version: "1"';
  const sources = [source("repository", ""), source("default_branch", old)];
  expect(ok(effectiveConfig(sources, "guarded")).warnings).toEqual([]);
  const { warnings } = ok(effectiveConfig([source("repository", old)], "as_written"));
  expect(warnings.map(({ code }): DiagnosticCode => code)).toEqual(["deprecated"]);
});

test("files that are right alone and wrong together are refused where they collide", () => {
  const found = effectiveConfig(
    [
      source("central_defaults", "dirs:\n  a:\n    workspaces: {x: {}}"),
      source("repository", "dirs:\n  a:\n    stacks:\n      x: {}"),
    ],
    "as_written",
  );
  expect(found).toMatchObject({
    kind: "error",
    diagnostics: [{ code: "workspace", file: "repository.yml", line: 4, column: 10 }],
  });
});

test("without any source the configuration is the default one", () => {
  const { raw, origins } = ok(effectiveConfig([], "guarded"));
  expect(raw).toEqual({});
  expect(origins.of(["enabled"])).toEqual({ source: "default" });
  expect(toDiagnostics([finding(["dirs"])], origins)).toMatchObject([
    { file: "built-in defaults", line: 1, column: 1, path: "dirs" },
  ]);
});

test("a finding about the merged configuration points into the file that says it", () => {
  const { origins } = ok(
    effectiveConfig(
      [
        source("repository", "workflows:\n  - tag_query: a\n    lock_policy: none\n"),
        source("central_overrides", "\nworkflows:\n  - tag_query: b\n"),
      ],
      "as_written",
    ),
  );
  const findings = [
    finding(["workflows", 1, "tag_query"]),
    finding(["workflows", 0, "tag_query"]),
    { ...finding(["workflows", 1, "lock_policy"]), atKey: true },
    finding(["workflows", 1, "plan", 3]),
  ];
  expect(
    toDiagnostics(findings, origins).map(({ file, line, column }) => [file, line, column]),
  ).toEqual([
    ["central_overrides.yml", 3, 16],
    ["repository.yml", 2, 5],
    ["repository.yml", 2, 16],
    ["repository.yml", 3, 5],
  ]);
});

test.each<{ rule: string; yaml: string; path: Path; at: [number, number] }>([
  {
    rule: "the version of the older key",
    yaml: '\ndefault_tf_version: "1.5"',
    path: ["engine", "version"],
    at: [2, 21],
  },
  {
    rule: "the name that the older key implies",
    yaml: 'default_tf_version: "1.5"',
    path: ["engine", "name"],
    at: [1, 21],
  },
  {
    rule: "the version of a workflow's older key",
    yaml: 'workflows:\n- tag_query: ""\n  terraform_version: "1.5"\n  terragrunt: true',
    path: ["workflows", 0, "engine", "tf_version"],
    at: [3, 22],
  },
  {
    rule: "the engine that an older key names",
    yaml: 'workflows:\n- tag_query: ""\n  terraform_version: "1.5"\n  terragrunt: true',
    path: ["workflows", 0, "engine", "name"],
    at: [4, 15],
  },
  {
    rule: "the count of the older form of checks",
    yaml: "apply_requirements:\n  checks:\n    approved:\n      count: 2",
    path: ["apply_requirements", "checks", 0, "approved", "any_of_count"],
    at: [4, 14],
  },
  {
    rule: "the query that the older form of checks implies",
    yaml: "apply_requirements:\n  checks:\n    approved: {}",
    path: ["apply_requirements", "checks", 0, "tag_query"],
    at: [3, 5],
  },
])("a deprecated form has the origin of what was written: $rule", ({ yaml, path, at }) => {
  const { raw, origins } = ok(effectiveConfig([source("repository", yaml)], "as_written"));
  expect(valueIn(raw as Json, path)).toBeDefined();
  expect(origins.of(path)).toMatchObject({ line: at[0], column: at[1] });
});

test("every leaf of the merged configuration has an origin that points at its text", () => {
  const sources = [
    source("central_defaults", "enabled: true\ndirs:\n  a: &a\n    tags: [x1, x2]\n  b: *a\n"),
    source("repository", "dirs:\n  a:\n    tags:\n      - x3\nworkflows:\n- tag_query: x4\n"),
    source("central_overrides", "parallel_runs: 5\nworkflows: [{tag_query: x6}]\n"),
  ];
  const { raw, origins } = ok(effectiveConfig(sources, "as_written"));
  const leaves = [...leavesOf(raw as Json, [])];
  expect(leaves.length).toBe(9);
  for (const { path, value } of leaves) {
    const origin = origins.of(path);
    if (origin.source === "default") throw new Error(`no origin: ${path.join(".")}`);
    const file = sources.find((one) => one.file === origin.file);
    const line = file?.text.split("\n")[origin.line - 1] ?? "";
    expect(line.slice(origin.column - 1)).toMatch(
      new RegExp(`^${JSON.stringify(value).replaceAll('"', "")}`),
    );
  }
});

function* leavesOf(value: Json, path: Path): Generator<{ path: Path; value: Json }> {
  if (value === null || typeof value !== "object") yield { path, value };
  else if (Array.isArray(value)) {
    for (const [index, inner] of (value as readonly Json[]).entries()) {
      yield* leavesOf(inner, [...path, index]);
    }
  } else {
    for (const [key, inner] of Object.entries(value)) yield* leavesOf(inner, [...path, key]);
  }
}

function valueIn(root: Json, path: Path): unknown {
  let value: unknown = root;
  for (const key of path) value = (value as Record<string | number, unknown>)[key];
  return value;
}

function finding(path: Path): Parameters<typeof toDiagnostics>[0][number] {
  return { severity: "warning", code: "never_matches", message: "nothing matches", path };
}

function ok(effective: EffectiveConfig): Extract<EffectiveConfig, { kind: "ok" }> {
  if (effective.kind === "error") throw new Error(JSON.stringify(effective.diagnostics));
  return effective;
}

function source(name: ConfigSource["source"], text: string): ConfigSource {
  return { source: name, file: `${name}.yml`, text };
}
