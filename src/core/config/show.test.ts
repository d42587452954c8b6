import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { present } from "../../base/assert.ts";
import { completeConfig } from "./complete.ts";
import { effectiveConfig } from "./effective.ts";
import { configWithOrigins, type ShownConfig } from "./show.ts";
import type { ConfigSource } from "./source.ts";

test("each value of the effective configuration is followed by where it comes from", () => {
  const { lines } = shown([
    source("central_overrides", "workflows:\n  - tag_query: prod\n    lock_policy: apply\n"),
    source("repository", "workflows:\n  - tag_query: ''\n\nparallel_runs: 5\n"),
  ]);
  expect(lines.slice(lines.indexOf("workflows:"))).toEqual([
    "workflows:",
    "  - tag_query: prod # central_overrides.yml:2",
    "    lock_policy: apply # central_overrides.yml:3",
    '  - tag_query: "" # repository.yml:2',
  ]);
  expect(lines).toContain("parallel_runs: 5 # repository.yml:4");
  expect(lines).toContain("  merge_strategy: auto # default");
  expect(lines).toContain("destination_branches: [] # default");
  expect(lines).toContain("dirs: {} # default");
});

test("a value that a higher source resets is said to be a default", () => {
  const { json, lines } = shown([
    source("central_defaults", "parallel_runs: 5"),
    source("repository", "parallel_runs: null"),
  ]);
  expect(lines).toContain("parallel_runs: 3 # default");
  expect(json.origins["parallel_runs"]).toEqual({ source: "default" });
});

test.each([
  ["access_control: {unlock: ['team:sre']}", "  enabled: true # default"],
  ["access_control: {}", "  enabled: true # default"],
  ["access_control: {enabled: false}", "  enabled: false # repository.yml:1"],
  ["access_control: null", "  enabled: false # default"],
  ["", "  enabled: false # default"],
])("access control that is written without `enabled` is shown as it holds: %s", (text, line) => {
  const { lines } = shown([source("repository", text)]);
  expect(lines[lines.indexOf("access_control:") + 1]).toBe(line);
});

test("an engine that is named gets no option of the default engine", () => {
  const { json } = shown([source("repository", "engine: {name: pulumi}")]);
  expect(json.config).toMatchObject({ engine: { name: "pulumi" } });
  expect(json.config).not.toHaveProperty("engine.outputs");
});

test("the origins name source, file, line and column of every leaf by its path", () => {
  const { json } = shown([source("repository", "dirs:\n  a/b:\n    tags: [x, y]\n")]);
  expect(json.origins['dirs["a/b"].tags[1]']).toEqual({
    source: "repository",
    file: "repository.yml",
    line: 3,
    column: 15,
  });
  expect(json.origins["enabled"]).toEqual({ source: "default" });
});

test("a script of several lines keeps them, and its origin", () => {
  const { lines } = shown([
    source("repository", "config_builder:\n  enabled: true\n  script: |\n    #!/bin/sh\n    a\n"),
  ]);
  const at = lines.findIndex((line) => line.startsWith("  script"));
  expect(lines.slice(at, at + 3)).toEqual([
    "  script: | # repository.yml:3",
    "    #!/bin/sh",
    "    a",
  ]);
});

test("what is shown is YAML of the very configuration that is in force", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.array(fc.string())), (tags) => {
      const names = Object.fromEntries(
        Object.entries(tags).map(([name, list], index) => [`d${index}${plainName(name)}`, list]),
      );
      const text = JSON.stringify({
        dirs: Object.fromEntries(
          Object.entries(names).map(([name, list]) => [
            name,
            { tags: list.filter((tag) => tag !== "") },
          ]),
        ),
      });
      const effective = effectiveConfig([source("repository", text)], "as_written");
      if (effective.kind === "error") throw new Error(JSON.stringify(effective.diagnostics));
      const { lines, json } = configWithOrigins(effective);
      const read: unknown = parse(lines.join("\n"));
      expect(read).toEqual(json.config);
      const again = effectiveConfig([source("repository", lines.join("\n"))], "as_written");
      expect(present(again.kind === "ok" ? again.config : undefined, "shown is valid")).toEqual(
        completeConfig(effective.raw),
      );
    }),
  );
});

function plainName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9 #:'"-]/g, "");
}

function shown(sources: readonly ConfigSource[]): ShownConfig {
  const effective = effectiveConfig(sources, "as_written");
  if (effective.kind === "error") throw new Error(JSON.stringify(effective.diagnostics));
  return configWithOrigins(effective);
}

function source(name: ConfigSource["source"], text: string): ConfigSource {
  return { source: name, file: `${name}.yml`, text };
}
