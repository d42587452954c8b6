import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { rawConfig } from "../../../test/support/config-arbitrary.ts";
import { completeConfig } from "./complete.ts";
import { parseConfig } from "./parse.ts";
import { printConfig } from "./print.ts";
import { configSchema } from "./schema/root.ts";

test("a configuration that is printed reads as the same, whatever is in it", () => {
  fc.assert(
    fc.property(rawConfig, (raw) => {
      const printed = printConfig(raw);
      const first = parseConfig(printed, "config.yml");
      expect(first.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
      expect(first.raw).toEqual(raw);
      // The order of keys counts too: of two globs the first one wins.
      const again = first.raw === undefined ? "" : printConfig(first.raw);
      expect(JSON.stringify(parseConfig(again, "config.yml").raw)).toBe(JSON.stringify(first.raw));
    }),
    { numRuns: 40 },
  );
});

const REFERENCE = "docs/reference/configuration";
const EXAMPLES = readdirSync(REFERENCE)
  .filter((name) => name.endsWith(".md"))
  .flatMap(
    (name) => readFileSync(`${REFERENCE}/${name}`, "utf8").match(/(?<=```yaml\n)[^`]+/g) ?? [],
  );

test("each example of the reference reads as the same once printed", () => {
  expect(EXAMPLES.length).toBeGreaterThan(50);
  for (const text of EXAMPLES) {
    const { raw } = parseConfig(text, "config.yml");
    if (raw === undefined) throw new Error(`this example is refused: ${text}`);
    expect(JSON.stringify(parseConfig(printConfig(raw), "config.yml").raw)).toBe(
      JSON.stringify(raw),
    );
  }
});

test("whatever is accepted can be completed, and is plain data then", () => {
  fc.assert(
    fc.property(rawConfig, (raw) => {
      const config = completeConfig(raw);
      expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    }),
    { numRuns: 40 },
  );
});

test("the configurations that are tried have every key of the language", () => {
  const seen = new Set<string>();
  for (const raw of fc.sample(rawConfig, { seed: 7, numRuns: 400 })) collect(raw, "", seen);
  const missing = [...keysOf(configSchema, "")].filter((path) => !seen.has(path));
  expect(missing.filter((path) => !DEPRECATED.has(path))).toEqual([]);
});

const DEPRECATED = new Set([
  "default_tf_version",
  "apply_requirements.checks.approved.count",
  "drift.schedule",
  "drift.tag_query",
  "drift.reconcile",
  "workflows.terraform_version",
  "workflows.terragrunt",
  "workflows.cdktf",
]);

/** The keys of a document; those that users choose are left out, as lists are. */
function collect(value: unknown, path: string, seen: Set<string>): void {
  if (value === null || typeof value !== "object") return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, path, seen);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const own = path === "" ? key : `${path}.${key}`;
    seen.add(own);
    collect(inner, own, seen);
    collect(inner, path, seen);
  }
}

/** The keys that the schema knows. */
function* keysOf(schema: unknown, path: string): Generator<string> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    yield* keysOf(schema.unwrap(), path);
  } else if (schema instanceof z.ZodArray) yield* keysOf(schema.element, path);
  else if (schema instanceof z.ZodRecord) yield* keysOf(schema.valueType, path);
  else if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) yield* keysOf(option, path);
  } else if (schema instanceof z.ZodObject) {
    for (const [key, inner] of Object.entries<unknown>(schema.shape)) {
      const own = path === "" ? key : `${path}.${key}`;
      yield own;
      yield* keysOf(inner, own);
    }
  }
}
